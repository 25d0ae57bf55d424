import { setTimeout as delay } from 'node:timers/promises';
import { type ClientReadableStream } from '@grpc/grpc-js';
import { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { EngineError } from '@tributary/kernel';
import { type Connection } from './connection.js';
import { failure, isStreamDeleted, ofCall } from './failures.js';
import { recordOf } from './recorded-event.js';

export type WireRecord = NonNullable<ReturnType<typeof recordOf>>;

export interface ReadLimits {
  /** A read that brings nothing for so long is given up. */
  readonly answer_ms: number;
  /** The same while the server searches the whole log by a filter and says nothing until it finds. */
  readonly search_ms: number;
  /** Attempts of one read, apart from each other by a time that doubles. */
  readonly attempts: number;
}

const FIRST_PAUSE_MS = 50;

/** The answers of one call; it ends when the caller stops early, or when nothing has come for so long. */
export async function* answers(
  call: ClientReadableStream<ReadResp>,
  silence_ms: number,
): AsyncGenerator<ReadResp, void, undefined> {
  let silent = false;
  const timer = setTimeout(() => {
    silent = true;
    call.cancel();
  }, silence_ms);
  try {
    for await (const answer of call) {
      timer.refresh();
      yield answer as ReadResp;
    }
  } catch (error) {
    throw silent ? failure('retriable', `nothing was read for ${silence_ms} ms`, error) : error;
  } finally {
    clearTimeout(timer);
    call.cancel();
  }
}

/** Reads are repeated when the server is away for a moment, since they change nothing: bounded, then `retriable`. */
export class Reads {
  constructor(
    readonly connection: Connection,
    readonly limits: ReadLimits,
  ) {}

  /** All that one request brings, system events too; nothing of a stream that does not exist or is deleted. */
  async all(request: ReadReq, silence_ms = this.limits.answer_ms): Promise<readonly WireRecord[]> {
    for (let attempt = 1, pause_ms = FIRST_PAUSE_MS; ; attempt++, pause_ms *= 2) {
      try {
        return await this.#once(request, silence_ms);
      } catch (error) {
        const failed = ofCall(error);
        if (failed.failure !== 'retriable' || attempt >= this.limits.attempts) throw failed;
        await delay(pause_ms);
      }
    }
  }

  /** Ends with the last record that was asked for: a server that filters searches on for one more, to the end of the log. */
  async #once(request: ReadReq, silence_ms: number): Promise<readonly WireRecord[]> {
    const most = Number(request.getOptions()!.getCount());
    const records: WireRecord[] = [];
    try {
      for await (const answer of answers(await this.connection.read(request), silence_ms)) {
        const record = recordOf(answer);
        if (record) records.push(record);
        if (records.length >= most) break;
      }
    } catch (error) {
      if (!(error instanceof EngineError) && isStreamDeleted(error)) return [];
      throw error;
    }
    return records;
  }
}
