import { setTimeout as sleep } from 'node:timers/promises';
import { type Clock, type DocumentStore, mayPass } from '@tributary/kernel';
import { Refusal, RETRY_AFTER_S } from '../../refusal.js';
import {
  answerKey,
  type Carried,
  type ExaminingStage,
  forgetNote,
  type Ordered,
  orderKey,
  readNote,
  type StageOrder,
} from './order.js';

export interface Asking {
  readonly documents: DocumentStore;
  readonly clock: Clock;
  readonly newId: () => string;
  /** Without any sign of the stage for so long nobody is there to do it. */
  readonly patience_ms?: number;
  readonly look_ms?: number;
}

/** Whoever takes over has to wait for a rebalance, for half a minute where somebody in it does not answer, and then to begin. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 250;

/** Has a stage do something and waits for what it answers, however long it says that it is at it. */
export const askStage = async <A>(asking: Asking, stage: ExaminingStage, order: StageOrder): Promise<A> => {
  const { documents, look_ms = LOOK_MS, patience_ms = PATIENCE_MS } = asking;
  const id = asking.newId();
  await place(asking, stage, { id, order });
  let [sign, heardAt] = ['', performance.now()];
  for (;;) {
    await sleep(look_ms);
    const carried = await heard(documents, stage);
    if (carried?.id === id) {
      if (carried.state === 'done') return carried.answer as A;
      if (carried.state === 'failed') throw failed(stage, order, carried.message);
      const newest = JSON.stringify(carried);
      if (newest !== sign) [sign, heardAt] = [newest, performance.now()];
    }
    if (performance.now() - heardAt < patience_ms) continue;
    if ((await readNote<Ordered>(documents, orderKey(stage)))?.id === id) await forgetNote(documents, orderKey(stage));
    throw away(stage, order);
  }
};

/** Of two that ask at the same moment the one whose order stands there in the end is heard. */
const place = async ({ documents, clock }: Asking, stage: ExaminingStage, ordered: Ordered): Promise<void> => {
  const key = orderKey(stage);
  const before = await readNote<Ordered>(documents, key);
  if (before) throw busy(stage, before);
  await documents.put([{ kind: 'checkpoint', key, version: clock.now(), body: JSON.stringify(ordered) }]);
  const placed = await readNote<Ordered>(documents, key);
  if (placed && placed.id !== ordered.id) throw busy(stage, placed);
};

/** An engine that is away for a moment does not end work that goes on elsewhere. */
const heard = async (documents: DocumentStore, stage: ExaminingStage): Promise<Carried | undefined> => {
  try {
    return await readNote<Carried>(documents, answerKey(stage));
  } catch (error) {
    if (mayPass(error)) return undefined;
    throw error;
  }
};

const busy = (stage: ExaminingStage, { order }: Ordered): Refusal =>
  new Refusal(409, 'already_running', `the ${stage} has an order: ${order}`, 'wait for it to end, then ask again');

const retry = { 'retry-after': RETRY_AFTER_S.full };
const away = (stage: ExaminingStage, order: StageOrder): Refusal =>
  new Refusal(
    503,
    'stage_away',
    `no ${stage} took up, or went on with, the order to ${order}`,
    `see that a ${stage} runs and is ready (its /health/ready says what it waits for), then ask again`,
    null,
    retry,
  );
const failed = (stage: ExaminingStage, order: StageOrder, message: string): Refusal =>
  new Refusal(503, 'stage_failed', `the ${stage} could not ${order}: ${message}`, 'ask again', null, retry);
