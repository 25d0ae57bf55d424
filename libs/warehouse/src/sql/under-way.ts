import { type AnswerPart } from '../chdb/protocol.js';
import { type Credentials } from './credentials.js';
import { Refused } from './refused.js';

interface Running {
  readonly asker: string;
  readonly ending: AbortController;
  killed: boolean;
}

/** Who asks; two who gave the same user and key are one, as they are to ClickHouse. */
const askerOf = ({ user, password }: Credentials): string => JSON.stringify([user, password]);

/** The questions under way, so that whoever asked one may end it. */
export class UnderWay {
  readonly #running = new Map<string, Set<Running>>();

  /** The parts of `answer`, which is handed what ends it; they end with an exception when it is killed. */
  async *answered(
    queryId: string,
    credentials: Credentials,
    ending: AbortController,
    answer: (signal: AbortSignal) => AsyncIterable<AnswerPart>,
  ): AsyncGenerator<AnswerPart, void, undefined> {
    const running: Running = { asker: askerOf(credentials), ending, killed: false };
    const named = this.#running.get(queryId) ?? new Set();
    this.#running.set(queryId, named.add(running));
    try {
      yield* answer(ending.signal);
      if (running.killed) throw new Refused(394, 'QUERY_WAS_CANCELLED', 'Query was cancelled');
    } finally {
      named.delete(running);
      if (named.size === 0) this.#running.delete(queryId);
    }
  }

  /** How many of the asker's own had this name, and are ending now; another's are as if they were not there. */
  kill(queryId: string, credentials: Credentials): number {
    const asker = askerOf(credentials);
    const own = [...(this.#running.get(queryId) ?? [])].filter((running) => running.asker === asker);
    for (const running of own) {
      running.killed = true;
      running.ending.abort();
    }
    return own.length;
  }
}
