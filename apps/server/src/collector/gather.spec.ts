import { describe, expect, test } from '@jest/globals';
import { type LogAppend } from '@tributary/kernel';
import { gather } from './gather.js';

const record = (name: string) => ({ key: name, value: new Uint8Array([1]), timestamp_ms: 0 });

describe('gathering', () => {
  test('appends of one turn are one call, in order; those of the next another', async () => {
    const calls: (readonly LogAppend[])[] = [];
    const append = gather({ append: async (appends) => void calls.push(appends) });
    await Promise.all([
      append([{ topic: 'a', records: [record('1'), record('2')] }]),
      append([{ topic: 'b', records: [record('3')] }]),
      append([{ topic: 'a', records: [record('4')] }]),
    ]);
    await append([{ topic: 'a', records: [record('5')] }]);
    expect(calls.map((call) => call.map(({ topic, records }) => [topic, ...records.map(({ key }) => key)]))).toEqual([
      [
        ['a', '1', '2', '4'],
        ['b', '3'],
      ],
      [['a', '5']],
    ]);
  });

  test('a call is bounded: what comes beyond is another one', async () => {
    const sizes: number[] = [];
    const append = gather({ append: async ([only]) => void sizes.push(only?.records.length ?? 0) });
    const many = Array.from({ length: 6_000 }, () => record('x'));
    await Promise.all([1, 2, 3].map(() => append([{ topic: 'a', records: many }])));
    expect(sizes).toEqual([12_000, 6_000]);
  });

  test('nobody is told of success before the log is, and all of a turn are told of its failure', async () => {
    let refuse = (_error: Error) => {};
    const append = gather({ append: () => new Promise((_resolve, reject) => (refuse = reject)) });
    const both = [append([{ topic: 'a', records: [record('1')] }]), append([{ topic: 'a', records: [record('2')] }])];
    let settled = 0;
    for (const each of both) each.catch(() => undefined).finally(() => settled++);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toBe(0);
    refuse(new Error('gone'));
    expect(await Promise.allSettled(both)).toEqual([
      expect.objectContaining({ status: 'rejected' }),
      expect.objectContaining({ status: 'rejected' }),
    ]);
  });
});
