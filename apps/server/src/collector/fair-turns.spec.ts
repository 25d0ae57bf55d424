import { describe, expect, it } from '@jest/globals';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FairTurns } from './fair-turns.js';

/** Keeps the thread for so long. */
const busy = (ms: number): void => {
  for (const began = performance.now(); performance.now() - began < ms;);
};

describe('turns of the doors', () => {
  it('does the work of each in its order, all of it', async () => {
    const turns = new FairTurns();
    const done: string[] = [];
    await Promise.all(
      ['a', 'b', 'c'].map((name) =>
        turns.each(5, (index) => {
          busy(0.4);
          done.push(`${name}${index}`);
        }),
      ),
    );
    for (const name of ['a', 'b', 'c'])
      expect(done.filter((one) => one.startsWith(name))).toEqual([0, 1, 2, 3, 4].map((index) => `${name}${index}`));
  });

  it('gives many that come at once no more of a turn than one alone', async () => {
    const turns = new FairTurns();
    let worked = 0;
    const all = Promise.all(
      Array.from({ length: 8 }, () =>
        turns.each(4, () => {
          busy(0.6);
          worked++;
        }),
      ),
    );
    const byTurn: number[] = [];
    for (let before = 0; worked < 32; before = worked) {
      await nextTurn();
      byTurn.push(worked - before);
    }
    await all;
    // Two of them are more than a millisecond; the first sample holds what was done before the loop turned.
    expect(Math.max(...byTurn)).toBeLessThanOrEqual(4);
  });

  it('lets a small one in before a large one is through', async () => {
    const turns = new FairTurns();
    const ended: string[] = [];
    const large = turns.each(40, () => busy(0.3)).then(() => ended.push('large'));
    const small = turns.once(() => ended.push('small'));
    await Promise.all([large, small]);
    expect(ended).toEqual(['small', 'large']);
  });

  it('lets a small one in before each of many large ones has had its turn', async () => {
    const turns = new FairTurns();
    let isThrough = false;
    const large = Array.from({ length: 8 }, () =>
      turns.each(40, () => {
        if (!isThrough) busy(1.2);
      }),
    );
    for (let turn = 0; turn < 20; turn++) await nextTurn();
    let waited = 0;
    // Read, then worked on: two pieces of work.
    const small = turns
      .once(() => undefined)
      .then(() => turns.once(() => undefined))
      .then(() => (isThrough = true));
    for (; !isThrough; waited++) await nextTurn();
    await Promise.all([small, ...large]);
    expect(waited).toBeLessThanOrEqual(5);
  });

  it('goes on with a large one however many small ones come', async () => {
    const turns = new FairTurns();
    let isThrough = false;
    const small = Array.from({ length: 20 }, async () => {
      while (!isThrough) await turns.once(() => busy(0.3));
    });
    const large = turns.each(20, () => busy(1.2)).then(() => (isThrough = true));
    let waited = 0;
    for (; !isThrough; waited++) await nextTurn();
    await Promise.all([large, ...small]);
    expect(waited).toBeLessThanOrEqual(60);
  });

  it('is not kept by one whose work throws', async () => {
    const turns = new FairTurns();
    const thrown = turns.each(3, (index) => {
      busy(1.2);
      if (index === 1) throw new Error('no such thing');
    });
    const other = turns.once(() => 'done');
    await expect(thrown).rejects.toThrow('no such thing');
    await expect(other).resolves.toBe('done');
  });

  it('does nothing, at once, where there is nothing', async () => {
    const turns = new FairTurns();
    await turns.each(0, () => expect(true).toBe(false));
    await expect(turns.once(() => 1)).resolves.toBe(1);
  });
});
