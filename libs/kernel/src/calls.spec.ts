import { describe, expect, it } from '@jest/globals';
import { Calls } from './calls.js';

describe('calls to another thread', () => {
  it('settle by number, in whatever order the answers come', async () => {
    const calls = new Calls();
    const asked: number[] = [];
    const [first, second, third] = [1, 2, 3].map(() => calls.ask<string>((call) => void asked.push(call)));
    expect(new Set(asked).size).toBe(3);
    calls.answered(asked[2]!, 'c');
    calls.refused(asked[1]!, new Error('b'));
    calls.answered(asked[0]!, 'a');
    await expect(first).resolves.toBe('a');
    await expect(second).rejects.toThrow('b');
    await expect(third).resolves.toBe('c');
    expect(calls.size).toBe(0);
  });

  it('are settled once, and an answer to nothing is dropped', async () => {
    const calls = new Calls();
    let number = 0;
    const asked = calls.ask<string>((call) => (number = call));
    calls.answered(number, 'a');
    calls.refused(number, new Error('too late'));
    calls.answered(number + 1, 'nobody asked');
    await expect(asked).resolves.toBe('a');
  });

  it('that cannot be handed over are refused, and not waited for', async () => {
    const calls = new Calls();
    const asked = calls.ask(() => {
      throw new Error('it cannot be cloned');
    });
    await expect(asked).rejects.toThrow('it cannot be cloned');
    expect(calls.size).toBe(0);
  });

  it('are all refused when nobody answers any more; who asks again meanwhile is not', async () => {
    const calls = new Calls();
    const asked = [calls.ask(() => undefined), calls.ask(() => undefined)];
    const again = asked[0]!.catch(() => calls.ask<string>((call) => setImmediate(() => calls.answered(call, 'again'))));
    calls.refuseAll(new Error('gone'));
    await expect(asked[1]).rejects.toThrow('gone');
    await expect(again).resolves.toBe('again');
  });
});
