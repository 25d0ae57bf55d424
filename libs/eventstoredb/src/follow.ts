import { PassThrough, pipeline } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { type ClientReadableStream } from '@grpc/grpc-js';
import { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type EngineError, type RecordedEvent } from '@tributary/kernel';
import { type Connection } from './connection.js';
import { failure, ofCall } from './failures.js';
import { anyAt, subscription } from './read-requests.js';
import { isOwn, recordOf, recordedEvent, streamOf } from './recorded-event.js';
import { type Reads } from './reads.js';

export interface Following {
  /** Only streams whose names begin so. */
  readonly prefix?: string;
  /** Events in one batch at most, and in memory ahead of it; default 256. */
  readonly highWater?: number;
  /** Events in order, each once, never two batches at a time. Its rejection ends the following. */
  onEvents(events: readonly RecordedEvent[]): Promise<void>;
  /** All up to this position was either given to `onEvents` or is none of ours: where to go on after a restart. */
  onCheckpoint?(position: number): Promise<void>;
  readonly signal: AbortSignal;
}

type Checkpoint = NonNullable<ReturnType<ReadResp['getCheckpoint']>>;

const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 5_000;

/** Keeps what the reader throws apart from what the server does. */
class ReaderFailed extends Error {
  constructor(override readonly cause: unknown) {
    super('the reader failed');
  }
}

/** What came so far without waiting, at most `max`; at least one. */
async function* batches(answers: PassThrough, max: number): AsyncGenerator<readonly ReadResp[]> {
  for await (const first of answers) {
    const batch = [first as ReadResp];
    while (batch.length < max) {
      const next = answers.read() as ReadResp | null;
      if (next === null) break;
      batch.push(next);
    }
    yield batch;
  }
}

/**
 * One reader's way along the log. It resolves when the signal aborts, and rejects when `onEvents` does or when the
 * server says that this can never work; a server that is away is awaited, with a pause that doubles up to 5 s.
 */
export class Follower {
  #at: number;
  #pause_ms = FIRST_PAUSE_MS;
  /** The newest checkpoint of this subscription, until something later shows that all up to it has been here. */
  #claimed = -1;

  constructor(
    readonly connection: Connection,
    readonly reads: Reads,
    after: number,
    readonly following: Following,
  ) {
    this.#at = after;
  }

  async run(): Promise<void> {
    const { signal } = this.following;
    while (!signal.aborted) {
      const broken = await this.#subscribe();
      if (signal.aborted) return;
      if (broken.failure !== 'retriable') throw broken;
      await delay(this.#pause_ms, undefined, { signal }).catch(() => undefined);
      this.#pause_ms = Math.min(this.#pause_ms * 2, LAST_PAUSE_MS);
    }
  }

  /** Reads until the subscription breaks, and returns why; what the reader itself throws passes through. */
  async #subscribe(): Promise<EngineError> {
    const { prefix = '', signal } = this.following;
    this.#claimed = -1;
    try {
      const call = await this.connection.read(subscription(this.#at, prefix));
      const stop = (): void => call.cancel();
      signal.addEventListener('abort', stop, { once: true });
      try {
        if (!signal.aborted) await this.#drain(call);
      } finally {
        signal.removeEventListener('abort', stop);
        stop();
      }
      return failure('retriable', 'the server ended the subscription');
    } catch (error) {
      if (error instanceof ReaderFailed) throw error.cause;
      return ofCall(error);
    }
  }

  async #drain(call: ClientReadableStream<ReadResp>): Promise<void> {
    const { highWater = 256, signal } = this.following;
    const buffer = new PassThrough({ objectMode: true, highWaterMark: highWater });
    // Its errors arrive through the buffer.
    pipeline(call, buffer, () => undefined);
    for await (const batch of batches(buffer, highWater)) {
      if (signal.aborted) return;
      if (batch.some((answer) => answer.hasConfirmation())) await this.#passSkipped();
      await this.#take(batch);
      this.#pause_ms = FIRST_PAUSE_MS;
    }
  }

  /**
   * Servers before 24.2 begin a subscription by dropping the first event at or after the position that they are given.
   * If the event of that position is gone (scavenged), the one dropped is another, so look at it ourselves.
   */
  async #passSkipped(): Promise<void> {
    if (this.#at < 0) return;
    const [first] = await this.reads.all(anyAt(this.#at));
    if (!first || !isOwn(first) || !streamOf(first).startsWith(this.following.prefix ?? '')) return;
    const event = recordedEvent(first);
    if (event.position <= this.#at) return;
    await this.#give([event]);
    this.#at = event.position;
  }

  async #give(events: readonly RecordedEvent[]): Promise<void> {
    try {
      await this.following.onEvents(events);
    } catch (error) {
      throw new ReaderFailed(error);
    }
  }

  async #take(batch: readonly ReadResp[]): Promise<void> {
    const events: RecordedEvent[] = [];
    let seen = this.#at;
    for (const answer of batch) {
      const record = recordOf(answer);
      if (record && isOwn(record)) {
        const event = recordedEvent(record);
        if (event.position <= seen) continue;
        events.push(event);
        seen = event.position;
      } else if (answer.hasCheckpoint()) {
        seen = Math.max(seen, this.#confirmedBy(answer.getCheckpoint()!));
      }
    }
    if (events.length > 0) await this.#give(events);
    const moved = seen > this.#at;
    this.#at = seen;
    if (moved) await this.#checkpoint(seen);
  }

  /**
   * Up to where all has been here, now that the server says how far it is. Only up to its last word but one: some versions
   * name the end of the log (25.0), where the very next event is written, or one that was not read yet (22.10); and some, in
   * a log of less than a window, no position at all (24.2 to 24.10.4: the largest number of 64 bits).
   */
  #confirmedBy(checkpoint: Checkpoint): number {
    const commit = Number(checkpoint.getCommitPosition());
    if (!Number.isSafeInteger(commit) || commit <= this.#claimed) return -1;
    const confirmed = this.#claimed;
    this.#claimed = commit;
    return confirmed;
  }

  async #checkpoint(position: number): Promise<void> {
    try {
      await this.following.onCheckpoint?.(position);
    } catch (error) {
      throw new ReaderFailed(error);
    }
  }
}
