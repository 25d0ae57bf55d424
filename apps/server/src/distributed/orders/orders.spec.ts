import { afterEach, describe, expect, it } from '@jest/globals';
import { EngineError, manualClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { type Refusal } from '../../refusal.js';
import { askStage } from './ask-stage.js';
import { answerKey, forgetNote, type Ordered, orderKey, readNote, writeNote } from './order.js';
import { type OrderTaking, takeOrders, type TakesOrders } from './take-orders.js';

const taking: TakesOrders[] = [];
afterEach(async () => {
  for (const one of taking.splice(0)) await one.stop();
});

let asked = 0;
const ask = (store: MemoryStore, patience_ms = 300) =>
  askStage<unknown>(
    { ...store, clock: manualClock(asked), newId: () => `order-${(asked += 1)}`, look_ms: 2, patience_ms },
    'projector',
    'verify',
  );
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
    await pause(20);
    expect(await readNote(store.documents, orderKey('projector'))).toBeUndefined();
  });

  it('may take longer than anybody waits for a sign, as long as there are signs', async () => {
    const store = memoryStore();
    take(store, () => pause(200).then(() => 'late'));
    expect(await ask(store, 100)).toBe('late');
  });

  it('that nobody takes up is withdrawn, and the caller is told who is missing', async () => {
    const store = memoryStore();
    expect(await refusal(ask(store, 30))).toMatchObject({ status: 503, code: 'stage_away' });
    expect(await readNote(store.documents, orderKey('projector'))).toBeUndefined();
  });

  it('stands alone: another is refused until it has ended', async () => {
    const store = memoryStore();
    let end = (): void => undefined;
    take(store, () => new Promise<void>((resolve) => (end = resolve)));
    const first = ask(store);
    await pause(30);
    expect(await refusal(ask(store))).toMatchObject({ status: 409, code: 'already_running' });
    end();
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
    while (await readNote<Ordered>(store.documents, orderKey('projector'))) await pause(5);
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
    take(
      store,
      async (order) => (done.push(order), 'of the second'),
      async () => !isFirst,
    );
    const answer = ask(store, 2_000);
    await begun;
    isFirst = false;
    // The first gives signs in both, and does not know.
    await pause(100);
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
    const answer = ask(store, 2_000);
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
