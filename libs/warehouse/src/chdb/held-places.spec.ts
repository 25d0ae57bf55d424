import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { HeldPlaces } from './held-places.js';

const places = (heldAfter_ms: number, count = 1) => {
  const told: string[] = [];
  const it = new HeldPlaces({
    places: count,
    heldAfter_ms,
    onHeld: (id) => told.push(`held ${id}`),
    onChange: (held, left) => told.push(`${held.map(({ queryId }) => queryId).join()}; ${left} left`),
  });
  const begin = (id: number, limit_ms = Infinity, asker = `a${id}`) => {
    let answered = (): void => {};
    const watch = it.watch(id, { queryId: `q${id}`, asker: asker || undefined }, limit_ms, () =>
      told.push(`left ${id}`),
    );
    void watch.during(new Promise<void>((resolve) => (answered = resolve))).then(() => watch.done());
    return () => {
      answered();
      return sleep(0);
    };
  };
  return { it, told, begin };
};

describe('places that are held', () => {
  test('the first gives its place up, the next keeps it until the first has ended', async () => {
    const { it, told, begin } = places(5);
    const first = begin(1, 0);
    await sleep(20);
    expect(told.splice(0)).toEqual(['left 1', 'q1; 1 left', 'held 1']);
    const second = begin(2, 0);
    await sleep(20);
    expect(told.splice(0)).toEqual(['q1,q2; 0 left', 'held 2']);
    expect(it.refusal('a3')?.message).toMatch(/All places are held by 2 questions/);
    await first();
    expect(told.splice(0)).toEqual(['left 2', 'q2; 1 left']);
    expect(it.refusal('a3')).toBeUndefined();
    expect(it.refusal('a2')?.message).toMatch(/Your question q2/);
    await second();
    expect(told).toEqual(['; 1 left']);
    expect(await it.settled()).toBe(0);
  });

  test('those without a name leave a place to those who have one', async () => {
    const { it, begin } = places(5, 2);
    const nobody = (id: number) => begin(id, 0, '');
    const ends = [nobody(1)];
    await sleep(20);
    expect(it.refusal(undefined)).toBeUndefined();
    // Two at once are as many as can be under way when it is told.
    ends.push(nobody(2), nobody(3));
    await sleep(20);
    expect(it.refusal(undefined)?.message).toMatch(/3 questions that were asked without a key/);
    expect(it.refusal('a4')).toBeUndefined();
    expect(it.full()).toBeUndefined();
    await ends[0]?.();
    await ends[1]?.();
    expect(it.refusal(undefined)).toBeUndefined();
    await ends[2]?.();
  });

  test('to be told to end again and again gives it no more time', async () => {
    const { it, told, begin } = places(100);
    const end = begin(1);
    for (let i = 0; i < 15; i++) {
      it.ending(1);
      await sleep(10);
    }
    expect(told).toContain('held 1');
    expect(await it.settled()).toBe(1);
    await end();
  });

  test('the time that a reader takes is not the engine’s', async () => {
    const { it, told } = places(20);
    const watch = it.watch(1, { queryId: 'q1', asker: undefined }, 0, () => told.push('left'));
    async function* parts() {
      yield* [1, 2, 3];
    }
    for await (const part of watch.over(parts())) await sleep(part * 20);
    watch.done();
    expect(told).toEqual([]);
  });
});
