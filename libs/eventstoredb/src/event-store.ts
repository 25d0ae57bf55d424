import {
  EngineError,
  WrongExpectedRevision,
  type Append,
  type EventStore,
  type RecordedEvent,
} from '@tributary/kernel';
import { encodeEvents, sizeOf } from './append-request.js';
import { type AppendSession } from './append-session.js';
import { settleRefused, settleUnknown } from './append-settling.js';
import { type BoundedFlight } from './bounded-flight.js';
import { failure } from './failures.js';
import { allBackwards, allForwards, streamForwards } from './read-requests.js';
import { isOwn, positionOfRecord, recordedEvent } from './recorded-event.js';
import { type Reads } from './reads.js';

/** Whole streams that are read side by side. A server allows 100 calls on a connection; appends need one of them. */
const STREAMS_AT_ONCE = 64;

/** What the caller must know first: our own faults, then what it cannot repeat, then what it must read, then the rest. */
const gravity = (error: unknown): number => {
  if (error instanceof WrongExpectedRevision) return 2;
  if (!(error instanceof EngineError)) return 0;
  return { fatal: 1, unknown: 3, retriable: 4 }[error.failure];
};

export class EventStoreDBEvents implements EventStore {
  constructor(
    readonly session: AppendSession,
    readonly reads: Reads,
    readonly flight: BoundedFlight,
    readonly maxAppend_bytes: number,
  ) {}

  async append(appends: readonly Append[]): Promise<void> {
    const settled = await Promise.allSettled(appends.map((append) => this.#append(append)));
    const errors: unknown[] = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    if (errors.length > 0) throw errors.sort((a, b) => gravity(a) - gravity(b))[0];
  }

  async #append(append: Append): Promise<void> {
    if (append.events.length === 0) return;
    const events = encodeEvents(append.events);
    const size_bytes = sizeOf(events);
    if (size_bytes > this.maxAppend_bytes)
      throw failure(
        'fatal',
        `an append of ${size_bytes} bytes to ${append.stream} is larger than the ${this.maxAppend_bytes} allowed`,
      );
    await this.flight.run(size_bytes, async () => {
      const outcome = await this.session.append(append, events);
      switch (outcome.type) {
        case 'done':
          return;
        case 'refused':
          return settleRefused(this.reads, append, outcome.actual);
        case 'unknown':
          return settleUnknown(this.reads, append, outcome.why);
        case 'failed':
          throw outcome.error;
        default:
          return outcome satisfies never;
      }
    });
  }

  async readStream(stream: string, fromRevision: number, maxEvents: number): Promise<readonly RecordedEvent[]> {
    if (maxEvents <= 0) return [];
    const records = await this.reads.all(streamForwards(stream, Math.max(fromRevision, 0), maxEvents));
    return records.filter(isOwn).map(recordedEvent);
  }

  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    const read = new Map<string, readonly RecordedEvent[]>();
    const left = [...new Set(streams)].values();
    const worker = async (): Promise<void> => {
      for (const stream of left) read.set(stream, await this.readStream(stream, 0, Number.MAX_SAFE_INTEGER));
    };
    await Promise.all(Array.from({ length: Math.min(STREAMS_AT_ONCE, streams.length) }, worker));
    return new Map(streams.map((stream) => [stream, read.get(stream)!]));
  }

  async readAll(after: number, maxEvents: number, streamPrefix = ''): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    if (streamPrefix.startsWith('$')) return events;
    for (let at = after; events.length < maxEvents;) {
      // One more than wanted: the server begins at the position itself.
      const asked = maxEvents - events.length + 1;
      const page = await this.reads.all(allForwards(at, asked, streamPrefix), this.reads.limits.search_ms);
      for (const record of page) {
        const own = isOwn(record) && positionOfRecord(record) > at && events.length < maxEvents;
        if (own) events.push(recordedEvent(record));
      }
      if (page.length < asked) break;
      at = positionOfRecord(page.at(-1)!);
    }
    return events;
  }

  async head(): Promise<number> {
    for (let before: number | undefined; ;) {
      const [newest] = await this.reads.all(allBackwards(before), this.reads.limits.search_ms);
      if (!newest) return -1;
      before = positionOfRecord(newest);
      if (isOwn(newest)) return before;
    }
  }
}
