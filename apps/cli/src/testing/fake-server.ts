import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { type Problem, type QuarantineItem } from '../http/api.js';

export interface Envelope {
  readonly type: string;
  readonly messageId: string;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A server that speaks the doors' protocol over real sockets, in memory: it knows message ids, and takes no more than it is told to. */
export class FakeServer {
  token = 'test-token';
  readonly calls: Call[] = [];
  readonly touchpoints = new Map<string, Envelope>();
  duplicates = 0;
  readonly quarantine: QuarantineItem[] = [];
  readonly settled = new Map<number, string>();
  /** The oldest offset that the retention has left. */
  quarantineBegin = 0;
  /** Answers before anything else is looked at; `undefined` goes on. */
  first: (call: Call) => Reply | undefined = () => undefined;
  /** Why the door does not take an envelope. */
  problemOf: (envelope: Envelope) => Problem | undefined = () => undefined;
  /** Called after each request to the touchpoint door was answered. */
  onDelivered: () => void = () => undefined;
  mostItems = 10_000;
  lag = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const call: Call = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    this.calls.push(call);
    const { status, body, headers } = this.first(call) ?? this.#answer(call);
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
    if (call.path === '/v1/touchpoints') this.onDelivered();
  }

  #answer(call: Call): Reply {
    if (call.path === '/health/live') return ok({ status: 'ok' });
    if (call.headers.authorization !== `Bearer ${this.token}` && call.path !== '/')
      return refused(401, 'key_needed', 'the key is not known');
    switch (`${call.method} ${call.path}`) {
      case 'GET /registry/schemas/types':
        return ok(['AVRO']);
      case 'GET /v1/status':
        return ok(this.#status());
      case 'POST /v1/touchpoints':
        return this.#take(JSON.parse(call.body) as readonly Envelope[]);
      case 'POST /v1/quarantine': {
        const { items } = JSON.parse(call.body) as { items: readonly QuarantineItem[] };
        this.quarantine.push(...items);
        return ok({ accepted: items.length });
      }
      case 'GET /v1/quarantine':
        return call.query.has('channel')
          ? ok(this.#page(call.query))
          : ok({ channels: [{ channel: 'web_shop', held: this.quarantine.length - this.settled.size }] });
      case 'POST /v1/quarantine/settle': {
        const { offsets, as } = JSON.parse(call.body) as { offsets: readonly number[]; as: string };
        if (offsets.some((offset) => offset < this.quarantineBegin))
          return refused(404, 'not_held', 'none was settled');
        const fresh = offsets.filter((offset) => !this.settled.has(offset));
        for (const offset of offsets) this.settled.set(offset, as);
        return ok({ settled: fresh.length, before: offsets.length - fresh.length });
      }
      default:
        return refused(404, 'not_found', 'there is nothing at this address');
    }
  }

  #take(envelopes: readonly Envelope[]): Reply {
    if (envelopes.length > this.mostItems) return refused(413, 'too_many_items', 'too many');
    const items: unknown[] = [];
    let accepted = 0;
    envelopes.forEach((envelope, index) => {
      const problem = this.problemOf(envelope);
      if (problem) return void items.push({ index, status: 'rejected', problem });
      accepted++;
      if (this.touchpoints.has(envelope.messageId)) this.duplicates++;
      this.touchpoints.set(envelope.messageId, envelope);
    });
    return { status: accepted === 0 ? 422 : 200, body: { accepted, rejected: items.length, items } };
  }

  #page(query: URLSearchParams) {
    const after = query.has('after') ? Number(query.get('after')) : -1;
    const limit = Number(query.get('limit'));
    const state = query.get('state') ?? 'held';
    const items = this.quarantine
      .map((item, offset) => ({
        ...item,
        offset,
        receivedAt: '2026-01-01T00:00:00.000Z',
        size_bytes: Buffer.from(item.bytes, 'base64').length,
        ...(this.settled.has(offset) ? { settled: this.settled.get(offset) } : {}),
      }))
      .filter(
        ({ offset, settled }) =>
          offset > after &&
          offset >= this.quarantineBegin &&
          (state === 'all' || (settled !== undefined) === (state === 'settled')),
      )
      .slice(0, limit);
    const next = items.length < limit ? null : String(items.at(-1)?.offset);
    return { channel: query.get('channel'), items, next, end: this.quarantine.length };
  }

  #status() {
    const channel = (name: string) => ({
      channel: name,
      accepted: this.touchpoints.size,
      duplicates: this.duplicates,
      quarantined: 0,
      held: 0,
      last: '2026-01-01T00:00:00.000Z',
    });
    return {
      channels: [channel('web_shop'), channel('cdnow')],
      stages: { relationship: { growth: 2, exit: 1 }, buyer: { first_time: 3 }, tier: { gold: 1 } },
      customers: 3,
      touchpoints: this.touchpoints.size,
      events: this.touchpoints.size,
      lag: { pipeline: this.lag },
      startedAt: '2026-01-01T00:00:00.000Z',
    };
  }
}

export const ok = (body: unknown): Reply => ({ status: 200, body });

export const refused = (status: number, code: string, message: string, remedy = 'do something'): Reply => ({
  status,
  body: { error: { code, message, field: null, remedy } },
});
