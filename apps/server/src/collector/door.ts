import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Clock, type Log, type LogAppend, type LogRecord } from '@tributary/kernel';
import { type AnyTouchpoint, channelTopics, quarantineTopic, touchpointTopic } from '@tributary/domain';
import { channelOf } from '../access/gate.js';
import { checkJsonType, encodingOf, inflate, parseJson, tooLarge } from './body.js';
import { FairTurns } from './fair-turns.js';
import { gather } from './gather.js';
import { Hold, type InFlight } from './in-flight.js';

/** Called with each request's outcome, for counts. */
export interface DoorCounts {
  touchpoints(channel: string, outcome: 'accepted' | 'rejected' | 'quarantined', count: number): void;
}

export interface DoorDeps {
  readonly log: Log;
  readonly encode: (touchpoint: AnyTouchpoint) => Uint8Array;
  readonly clock: Clock;
  readonly counts: DoorCounts;
  readonly inFlight: InFlight;
  readonly isChannel: (name: string) => boolean;
  /** Partitions of a channel's topics; retention of its input. */
  readonly topic: { readonly partitions: number; readonly retention_ms?: number };
  /** Share of the store's bound on writes under way; from 1 on the door answers 429. */
  readonly pressure: () => number;
  /** Called when a channel's topics exist, once per channel and start: whoever consumes them may begin. */
  readonly onChannel: (channel: string) => void;
}

/** A request at the door: its channel, its body, and the bytes it has to give back. */
export interface Arrival {
  readonly channel: string;
  readonly bytes: Buffer;
  readonly body: unknown;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request that a door lets in. */
    hold: Hold | null;
  }
}

/** What all doors in share: reading a body within bounds, and making records durable before anything is answered. */
export class Door {
  readonly turns = new FairTurns();
  readonly #ready = new Map<string, Promise<void>>();
  readonly #append: ReturnType<typeof gather>;

  constructor(readonly deps: DoorDeps) {
    this.#append = gather(deps.log);
  }

  /** Before the body is read: pays for its announced length. */
  enter(request: FastifyRequest, reply: FastifyReply, limit_bytes: number): void {
    const { headers } = request.raw;
    const announced = headers['content-length'] === undefined ? limit_bytes : Number(headers['content-length']);
    if (announced > limit_bytes) throw tooLarge(limit_bytes);
    if (this.deps.pressure() >= 1) throw this.deps.inFlight.refusal('the store has under way');
    const hold = new Hold(this.deps.inFlight, request.caller.name, announced);
    request.hold = hold;
    reply.raw.once('close', () => hold.end());
  }

  /** Does what a request asks for; its body counts until that is done, though nobody waits for the answer any more. */
  async work<T>({ hold }: FastifyRequest, work: () => Promise<T>): Promise<T> {
    hold?.use();
    try {
      return await work();
    } finally {
      hold?.end();
    }
  }

  /** After the raw body was read. `anyLibrary`: what libraries of others call a JSON body is taken, too. */
  async arrive(request: FastifyRequest, limit_bytes: number, anyLibrary = false): Promise<Arrival> {
    const { channel, isGzip } = this.#begun(request);
    checkJsonType(request.raw.headers['content-type'], { plain: anyLibrary, form: anyLibrary && isGzip });
    const bytes = isGzip ? await this.#inflated(request, limit_bytes) : sentBytes(request);
    return { channel, bytes, body: await this.turns.once(() => parseJson(bytes)) };
  }

  /** As `arrive`, where the body is not JSON in any case: its bytes, plain, whatever they are called. */
  async receive(request: FastifyRequest, limit_bytes: number): Promise<Omit<Arrival, 'body'>> {
    const { channel, isGzip } = this.#begun(request);
    return { channel, bytes: isGzip ? await this.#inflated(request, limit_bytes) : sentBytes(request) };
  }

  #begun(request: FastifyRequest): { readonly channel: string; readonly isGzip: boolean } {
    const channel = channelOf(request, this.deps.isChannel);
    return { channel, isGzip: encodingOf(request.raw.headers['content-encoding']) === 'gzip' };
  }

  async #inflated(request: FastifyRequest, limit_bytes: number): Promise<Buffer> {
    const bytes = await inflate(sentBytes(request), limit_bytes);
    request.hold?.more(bytes.length);
    return bytes;
  }

  recordOf(touchpoint: AnyTouchpoint): LogRecord {
    return {
      key: touchpoint.identifiers[0]?.subject ?? null,
      value: this.deps.encode(touchpoint),
      timestamp_ms: touchpoint.receivedAt,
    };
  }

  /** Counts, and resolves, when all of it is durable; then, and only then, may the request be answered with 2xx. */
  async keep(channel: string, accepted: readonly LogRecord[], quarantined: readonly LogRecord[] = []): Promise<void> {
    await (this.#ready.get(channel) ?? this.#prepare(channel));
    const appends: LogAppend[] = [];
    if (accepted.length > 0) appends.push({ topic: touchpointTopic(channel), records: accepted });
    if (quarantined.length > 0) appends.push({ topic: quarantineTopic(channel), records: quarantined });
    if (appends.length > 0) await this.#append(appends);
    const { counts } = this.deps;
    if (accepted.length > 0) counts.touchpoints(channel, 'accepted', accepted.length);
    if (quarantined.length > 0) counts.touchpoints(channel, 'quarantined', quarantined.length);
  }

  #prepare(channel: string): Promise<void> {
    const { topic, log } = this.deps;
    const ready = log
      .ensureTopics(channelTopics(channel, topic.partitions, topic.retention_ms))
      .then(() => this.deps.onChannel(channel));
    this.#ready.set(channel, ready);
    ready.catch(() => this.#ready.delete(channel));
    return ready;
  }
}

const sentBytes = (request: FastifyRequest): Buffer => (request.body as Buffer | undefined) ?? Buffer.alloc(0);
