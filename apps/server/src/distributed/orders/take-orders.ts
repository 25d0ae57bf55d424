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

/** Looks for orders to this stage as long as it runs, and carries them out, one at a time; none twice. */
export const takeOrders = (taking: OrderTaking): TakesOrders => {
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

const look = async (taking: OrderTaking, signal: AbortSignal): Promise<void> => {
  const { documents, stage, isOurs } = taking;
  await whileThere(async () => {
    if (!(await isOurs())) return;
    const ordered = await readNote<Ordered>(documents, orderKey(stage));
    if (!ordered) return;
    const before = await readNote<Carried>(documents, answerKey(stage));
    if (before?.id !== ordered.id) await carry(taking, ordered, signal);
    // An order that took its process with it would take the next one, too.
    else if (before.state === 'under way')
      await say(taking, { id: ordered.id, state: 'failed', message: 'whoever was at it ended' });
    if ((await readNote<Ordered>(documents, orderKey(stage)))?.id === ordered.id)
      await forgetNote(documents, orderKey(stage));
  });
};

const carry = async (taking: OrderTaking, { id, order }: Ordered, signal: AbortSignal): Promise<void> => {
  await say(taking, { id, state: 'under way', beat: 0 });
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
    const isEngine = error instanceof EngineError;
    await say(taking, { id, state: 'failed', message: isEngine ? error.message : 'a bug: see its log' });
    if (!isEngine) throw error;
  }
};

const beat = async (taking: OrderTaking, id: string, over: AbortSignal): Promise<void> => {
  for (let count = 1; ; count++) {
    await sleep(taking.beat_ms ?? BEAT_MS, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return;
    await whileThere(() => say(taking, { id, state: 'under way', beat: count }));
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
