import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DocumentStore, EngineError, mayPass } from '@tributary/kernel';
import {
  answerKey,
  type Carried,
  type ExaminingStage,
  forgetNote,
  type Ordered,
  orderKey,
  readNote,
  type StageOrder,
  writeNote,
} from './order.js';

export interface OrderTaking {
  readonly documents: DocumentStore;
  readonly stage: ExaminingStage;
  /** Of several processes one takes orders: the one that writes. */
  readonly isOurs: () => Promise<boolean>;
  /** Ends early, with an `EngineError`, when the signal says so. */
  readonly carryOut: (order: StageOrder, signal: AbortSignal) => Promise<unknown>;
  readonly look_ms?: number;
  readonly beat_ms?: number;
}

export interface TakesOrders {
  /** Rejects with a bug of ours; engines that fail are told to whoever ordered. */
  readonly done: Promise<never>;
  stop(): Promise<void>;
}

const LOOK_MS = 1_000;
const BEAT_MS = 2_000;
/** Whoever gave no sign for so many beats is not at it any more. */
const SILENT_BEATS = 5;

/**
 * Looks for orders to this stage as long as it runs, and carries them out, one at a time. What one leaves, since another writes
 * now or since it stops, that other one carries out; what took its process with it nobody does again.
 */
export const takeOrders = (options: OrderTaking): TakesOrders => {
  const taking: Taking = {
    ...options,
    by: randomUUID(),
    others: new Signs((options.beat_ms ?? BEAT_MS) * SILENT_BEATS),
  };
  const stopping = new AbortController();
  let fail!: (error: unknown) => void;
  const done = new Promise<never>((_, reject) => (fail = reject));
  done.catch(() => undefined);
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look(taking, stopping.signal);
      await sleep(taking.look_ms ?? LOOK_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run().catch(fail);
  return {
    done,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

interface Taking extends OrderTaking {
  /** This process's name. */
  readonly by: string;
  readonly others: Signs;
}

/** What another process has said of an order, and whether that was long ago. */
class Signs {
  #newest = '';
  #at = 0;

  constructor(readonly silence_ms: number) {}

  areOld(carried: Carried): boolean {
    const newest = JSON.stringify(carried);
    if (newest !== this.#newest) [this.#newest, this.#at] = [newest, performance.now()];
    return performance.now() - this.#at > this.silence_ms;
  }
}

const look = async (taking: Taking, signal: AbortSignal): Promise<void> => {
  const { documents, stage, isOurs, by, others } = taking;
  await whileThere(async () => {
    if (!(await isOurs())) return;
    const ordered = await readNote<Ordered>(documents, orderKey(stage));
    if (!ordered) return;
    const before = await readNote<Carried>(documents, answerKey(stage));
    if (before?.id !== ordered.id || before.state === 'left') {
      if ((await carry(taking, ordered, signal)) === 'left') return;
    } else if (before.state === 'under way') {
      // Whoever wrote before this one does not know it yet, and finds out.
      if (before.by !== by && !others.areOld(before)) return;
      // An order that took its process with it would take the next one, too.
      await say(taking, { id: ordered.id, state: 'failed', message: 'whoever was at it ended' });
    }
    if ((await readNote<Ordered>(documents, orderKey(stage)))?.id === ordered.id)
      await forgetNote(documents, orderKey(stage));
  });
};

const carry = async (taking: Taking, { id, order }: Ordered, signal: AbortSignal): Promise<'ended' | 'left'> => {
  await say(taking, { id, state: 'under way', beat: 0, by: taking.by });
  const over = new AbortController();
  const beating = beat(taking, id, over.signal);
  try {
    const answer = await taking.carryOut(order, signal);
    over.abort();
    await beating;
    await say(taking, { id, state: 'done', answer });
  } catch (error) {
    over.abort();
    await beating;
    if (mayPass(error) && (signal.aborted || !(await taking.isOurs()))) {
      await say(taking, { id, state: 'left' });
      return 'left';
    }
    const isEngine = error instanceof EngineError;
    await say(taking, { id, state: 'failed', message: isEngine ? error.message : 'a bug: see its log' });
    if (!isEngine) throw error;
  }
  return 'ended';
};

const beat = async (taking: Taking, id: string, over: AbortSignal): Promise<void> => {
  for (let count = 1; ; count++) {
    await sleep(taking.beat_ms ?? BEAT_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    await whileThere(() => say(taking, { id, state: 'under way', beat: count, by: taking.by }));
  }
};

const say = ({ documents, stage }: OrderTaking, carried: Carried): Promise<void> =>
  writeNote(documents, answerKey(stage), carried);

/** What fails while the documents are away is seen again at the next look; the stage's own work tells of the trouble. */
const whileThere = async (work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (error) {
    if (!mayPass(error)) throw error;
  }
};
