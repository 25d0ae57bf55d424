import { describe, expect, it } from '@jest/globals';
import { Partitioners } from 'kafkajs';
import fc from 'fast-check';
import { partitionOf } from './partition-of.js';

describe('the partition of a key', () => {
  const theirs = Partitioners.DefaultPartitioner();
  const metadata = (count: number) =>
    Array.from({ length: count }, (_, partitionId) => ({
      partitionId,
      leader: 1,
      partitionErrorCode: 0,
      replicas: [1],
      isr: [1],
    }));

  it('is the one that other clients choose', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 300 }), (key, count) => {
        const message = { key: Buffer.from(key), value: null };
        expect(partitionOf(key, count)).toBe(theirs({ topic: 't', partitionMetadata: metadata(count), message }));
      }),
    );
  });

  it('does not change from release to release', () => {
    const keys = ['', 'a', 'ab', 'abc', 'abcd', 's_7f3a', '客户-😀'];
    expect(keys.map((key) => partitionOf(Buffer.from(key), 1000))).toMatchInlineSnapshot(`
     [
       681,
       524,
       434,
       107,
       100,
       118,
       953,
     ]
    `);
  });
});
