import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Profile } from '@tributary/domain';
import { type Platform, type PlatformOptions, type PlatformStats, startPlatform } from '@tributary/server';

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Refused {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly field: string | null;
    readonly remedy: string;
  };
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** As it is, or as JSON. */
  readonly body?: unknown;
}

/** The whole platform in this process, on a data folder of its own; asked as its users ask it. */
export class RunningPlatform {
  #platform: Platform | undefined;

  private constructor(
    readonly dataDir: string,
    private options: Partial<PlatformOptions>,
  ) {}

  static async begin(options: Partial<PlatformOptions> = {}): Promise<RunningPlatform> {
    const running = new RunningPlatform(await mkdtemp(join(tmpdir(), 'tributary-e2e-')), options);
    await running.start();
    return running;
  }

  async start(): Promise<void> {
    this.#platform = await startPlatform({
      dataDir: this.dataDir,
      host: '127.0.0.1',
      port: 0,
      sqlPort: 0,
      logLevel: 'silent',
      ...this.options,
    });
  }

  /** The same folder, other options. */
  async restart(options: Partial<PlatformOptions>): Promise<void> {
    await this.stop();
    this.options = options;
    await this.start();
  }

  get platform(): Platform {
    if (!this.#platform) throw new Error('it does not run');
    return this.#platform;
  }

  async stop(): Promise<void> {
    await this.#platform?.stop();
    this.#platform = undefined;
  }

  /** Stops it and removes its folder. */
  async end(): Promise<void> {
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  keyFor(channel: string): Promise<string> {
    return this.platform.keys.create({ kind: 'write', channel }).then(({ key }) => key);
  }

  async ask<T = never>(path: string, { method, headers = {}, body }: Asking = {}): Promise<Answer<T>> {
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    const response = await fetch(new URL(path, this.platform.url), {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined
        ? {}
        : { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
  }

  /** Hands in touchpoints of a channel, as an admin; they must all be accepted. */
  async take(channel: string, touchpoints: readonly object[]): Promise<void> {
    const { status, body } = await this.ask<{ accepted: number }>(`/v1/touchpoints?channel=${channel}`, {
      headers: { authorization: `Bearer ${this.platform.token}` },
      body: touchpoints,
    });
    if (status !== 200 || body.accepted !== touchpoints.length)
      throw new Error(`not accepted: ${status} ${JSON.stringify(body)}`);
  }

  /** Resolves when all that was accepted has had its effect, in the warehouse, too. */
  async settled(): Promise<PlatformStats> {
    for (let quiet = 0, events = -1; ;) {
      const { body } = await this.ask<PlatformStats>('/v1/status');
      const isStill = body.events === events && Object.values(body.lag).every((waiting) => waiting === 0);
      quiet = isStill ? quiet + 1 : 0;
      events = body.events;
      if (quiet === 3) return body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** What the pipeline has counted of a channel, once it has come to all that was accepted. */
  async accepted(channel: string): Promise<number> {
    for (;;) {
      const { lag, channels } = (await this.ask<PlatformStats>('/v1/status')).body;
      if (lag['pipeline'] === 0) return channels.find((each) => each.channel === channel)?.accepted ?? 0;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async profile(query: string): Promise<Profile> {
    const { status, body } = await this.ask<Profile>(
      query.startsWith('c_') ? `/v1/customers/${query}` : `/v1/customers?${query}`,
    );
    if (status !== 200) throw new Error(`nobody is known by ${query}: ${status}`);
    return body;
  }

  /** Rows of a query, as objects. */
  async sql<Row>(query: string): Promise<readonly Row[]> {
    const { sqlUrl } = this.platform;
    if (sqlUrl === null) throw new Error('there is no SQL listener');
    const response = await fetch(sqlUrl, { method: 'POST', body: `${query} FORMAT JSONEachRow` });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`the SQL listener answered ${response.status}: ${text}`);
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Row);
  }

  /** What the feed holds from its beginning, until `enough` says that there is no need of more. */
  async feed(enough: (events: readonly FeedEvent[]) => boolean, lastEventId?: string): Promise<readonly FeedEvent[]> {
    const leaving = new AbortController();
    const response = await fetch(new URL('/v1/profile-events?from=beginning', this.platform.url), {
      headers: lastEventId === undefined ? {} : { 'last-event-id': lastEventId },
      signal: leaving.signal,
    });
    const events: FeedEvent[] = [];
    let text = '';
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += new TextDecoder().decode(chunk);
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        const data = /^data: (.*)$/m.exec(block)?.[1];
        const position = /^id: (.*)$/m.exec(block)?.[1];
        if (data !== undefined && position !== undefined)
          events.push({ position, ...(JSON.parse(data) as CloudEvent) });
      }
      if (enough(events)) break;
    }
    leaving.abort();
    return events;
  }
}

interface CloudEvent {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly sequence: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface FeedEvent extends CloudEvent {
  readonly position: string;
}
