import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type DocumentStore, EngineError, manualClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { type Refusal } from '../../refusal.js';
import { askStage } from './ask-stage.js';
import { answerKey, type Carried, forgetNote, type Ordered, orderKey, readNote, writeNote } from './order.js';
import { type OrderTaking, takeOrders, type TakesOrders } from './take-orders.js';

const taking: TakesOrders[] = [];
// By the clock patience ends: it stands still but where a case puts it on, however slow the machine is.
beforeEach(
  () =>
    void jest.useFakeTimers({
      now: 0,
      doNotFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'nextTick', 'queueMicrotask'],
    }),
);
afterEach(async () => {
  jest.useRealTimers();
  for (const one of taking.splice(0)) await one.stop();
});

let asked = 0;
const PATIENCE_MS = 100;
const ask = ({ documents }: { readonly documents: DocumentStore }) =>
  askStage<unknown>(
    {
      ...{ documents, clock: manualClock(asked), newId: () => `order-${(asked += 1)}` },
      ...{ look_ms: 2, patience_ms: PATIENCE_MS },
    },
    'projector',
    'verify',
  );
/** As `ask`; `onLook` hears what the asker finds each time it looks for an answer, before the asker does. */
const askWatched = ({ documents }: MemoryStore, onLook: (found: Carried | undefined) => void) => {
  const get: DocumentStore['get'] = async (kind, keys) => {
    const found = await documents.get(kind, keys);
    if (keys[0] === answerKey('projector')) onLook(found[0] && (JSON.parse(found[0].body) as Carried));
    return found;
  };
  const watched = new Proxy(documents, {
    get: (_, name: keyof DocumentStore) => (name === 'get' ? get : documents[name].bind(documents)),
  });
  return ask({ documents: watched });
};
const take = (store: MemoryStore, carryOut: OrderTaking['carryOut'], isOurs = async () => true): TakesOrders => {
  const one = takeOrders({ ...store, stage: 'projector', isOurs, carryOut, look_ms: 2, beat_ms: 5 });
  taking.push(one);
  return one;
};
const refusal = (work: Promise<unknown>): Promise<Partial<Refusal>> =>
  work.then(
    () => ({ code: 'none' }),
    (error: Refusal) => error,
  );
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await pause(2);
};
const isForgotten = async ({ documents }: MemoryStore): Promise<boolean> =>
  (await readNote<Ordered>(documents, orderKey('projector'))) === undefined;

describe('an order to a stage', () => {
  it('is carried out by whoever writes, once, and answered with what came of it', async () => {
    const store = memoryStore();
    const done: string[] = [];
    take(
      store,
      async (order) => void done.push(`standby: ${order}`),
      async () => false,
    );
    take(store, async (order) => (done.push(order), { outcome: 'equal' }));
    expect(await ask(store)).toEqual({ outcome: 'equal' });
    expect(await ask(store)).toEqual({ outcome: 'equal' });
    expect(done).toEqual(['verify', 'verify']);
    await until(() => isForgotten(store));
  });

  it('may take longer than anybody waits for a sign, as long as there are signs', async () => {
    const store = memoryStore();
    let end = (_: string): void => undefined;
    take(store, () => new Promise<string>((resolve) => (end = resolve)));
    const seen = new Set<number>();
    const answer = askWatched(store, (found) => {
      if (found?.state !== 'under way' || seen.has(found.beat)) return;
      seen.add(found.beat);
      // Each sign comes when more than half of the patience is over.
      jest.advanceTimersByTime(0.6 * PATIENCE_MS);
      if (seen.size === 5) end('late');
    });
    // Given up, the work must end as well, or nothing here does.
    expect(await answer.finally(() => end('given up'))).toBe('late');
    expect(performance.now()).toBeGreaterThan(2 * PATIENCE_MS);
  });

  it('that nobody takes up is withdrawn, and the caller is told who is missing', async () => {
    const store = memoryStore();
    const answer = askWatched(store, () => jest.advanceTimersByTime(0.6 * PATIENCE_MS));
    expect(await refusal(answer)).toMatchObject({ status: 503, code: 'stage_away' });
    expect(await isForgotten(store)).toBe(true);
  });

  it('stands alone: another is refused until it has ended', async () => {
    const store = memoryStore();
    let end: (() => void) | undefined;
    take(store, () => new Promise<void>((resolve) => (end = resolve)));
    const first = ask(store);
    await until(async () => end !== undefined);
    expect(await refusal(ask(store))).toMatchObject({ status: 409, code: 'already_running' });
    end?.();
    await first;
  });

  it('that took its process with it is not repeated, and is told to have failed', async () => {
    const store = memoryStore();
    await store.documents.put([
      {
        kind: 'checkpoint',
        key: orderKey('projector'),
        version: 1,
        body: JSON.stringify({ id: 'old', order: 'rebuild' }),
      },
    ]);
    await writeNote(store.documents, answerKey('projector'), { id: 'old', state: 'under way', beat: 3, by: 'dead' });
    const done: string[] = [];
    take(store, async (order) => void done.push(order));
    // Nothing of it for long.
    await until(() => (jest.advanceTimersByTime(100), isForgotten(store)));
    expect(done).toEqual([]);
    expect(await readNote(store.documents, answerKey('projector'))).toMatchObject({ id: 'old', state: 'failed' });
  });

  it('is left to whoever takes over, and waits while the one before is still at it', async () => {
    const store = memoryStore();
    let isFirst = true;
    let lose = (): void => undefined;
    const lost = new Promise<void>((resolve) => (lose = resolve));
    const begun = new Promise<void>((begin) =>
      take(
        store,
        async () => {
          begin();
          await lost;
          throw new EngineError('documents', 'retriable', 'another projector has taken over');
        },
        async () => isFirst,
      ),
    );
    const done: string[] = [];
    let looks = 0;
    take(
      store,
      async (order) => (done.push(order), 'of the second'),
      async () => !isFirst && ++looks > 0,
    );
    const answer = ask(store);
    await begun;
    isFirst = false;
    // The first gives signs meanwhile, and does not know.
    await until(async () => looks > 10);
    expect(done).toEqual([]);
    lose();
    expect(await answer).toBe('of the second');
    expect(done).toEqual(['verify']);
  });

  it('is left to the next one by whoever stops', async () => {
    const store = memoryStore();
    const begun = new Promise<TakesOrders>((begin) => {
      const first = take(store, (_, signal) => {
        begin(first);
        return new Promise((_, fail) =>
          signal.addEventListener('abort', () => fail(new EngineError('documents', 'retriable', 'it stops'))),
        );
      });
    });
    const answer = ask(store);
    await (await begun).stop();
    take(store, async () => 'of the next');
    expect(await answer).toBe('of the next');
  });

  it('fails with its engine, which ends nothing; a bug of ours ends the process', async () => {
    const store = memoryStore();
    const engine = take(store, () => Promise.reject(new EngineError('events', 'retriable', 'away')));
    expect(await refusal(ask(store))).toMatchObject({ status: 503, code: 'stage_failed' });
    expect(await Promise.race([engine.done, pause(20).then(() => 'goes on')])).toBe('goes on');
    await engine.stop();
    await forgetNote(store.documents, orderKey('projector'));
    const bug = take(store, () => Promise.reject(new TypeError('x is not a function')));
    expect(await refusal(ask(store))).toMatchObject({ message: expect.stringContaining('a bug') });
    await expect(bug.done).rejects.toThrow('x is not a function');
  });
});
