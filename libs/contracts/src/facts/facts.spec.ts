import { describe, expect, it } from '@jest/globals';
import { type BatchTaken } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { createHash, createSecretKey, randomBytes } from 'node:crypto';
import { type BehaviourSum, decodeBehaviourSum, encodeBehaviourSum } from './behaviour-sum.js';
import { decodeBatchTaken, decodeDecision, encodeDecision } from './decision.js';
import { factId, factIdFrom, seenKey } from './fact-id.js';
import { seal, unseal, Unsealable } from './seal.js';

const key = { keyId: '00112233aabbccdd', key: createSecretKey(randomBytes(32)) };

describe('seal', () => {
  it('is undone by unseal with the same key', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (plain) =>
        Buffer.from(plain).equals(unseal(key.key, seal(key, plain))),
      ),
    );
  });

  it('seals the same bytes differently each time', () => {
    const sealed = Array.from({ length: 3_000 }, () => Buffer.from(seal(key, Buffer.from('same'))).toString('hex'));
    expect(new Set(sealed).size).toBe(3_000);
  });

  it('refuses another key, and any change', () => {
    const sealed = seal(key, Buffer.from('who bought what'));
    expect(() => unseal(createSecretKey(randomBytes(32)), sealed)).toThrow(Unsealable);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at] = (changed[at] as number) ^ 1;
      expect(() => unseal(key.key, changed)).toThrow(Unsealable);
    }
    for (let end = 0; end < sealed.length; end++)
      expect(() => unseal(key.key, sealed.subarray(0, end))).toThrow(Unsealable);
  });
});

describe('fact ids', () => {
  it('are UUIDs of version 8, made from the seen key', () => {
    const digest = createHash('sha256').update('shop\0m-1').digest('hex');
    expect(seenKey('shop', 'm-1')).toBe(digest.slice(0, 32));
    expect(factId('shop', 'm-1')).toBe(factIdFrom(seenKey('shop', 'm-1')));
    fc.assert(
      fc.property(fc.string(), fc.string(), (channel, messageId) => {
        expect(factId(channel, messageId)).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
      }),
    );
  });

  it('tell apart what only looks alike', () => {
    expect(factId('a', 'bc')).not.toBe(factId('ab', 'c'));
  });
});

describe('behaviour sums', () => {
  const instants = fc
    .array(fc.integer({ min: -2e12, max: 4e12 }), { maxLength: 20 })
    .map((all) => all.sort((a, b) => a - b));
  const hex = (length: number) =>
    fc.uint8Array({ minLength: length, maxLength: length }).map((bytes) => Buffer.from(bytes).toString('hex'));
  const sums: fc.Arbitrary<BehaviourSum> = fc.record(
    {
      tallies: fc.array(
        fc.record(
          {
            type: fc.constantFrom('page_viewed' as const, 'searched' as const),
            channel: fc.string(),
            label: fc.string({ unit: 'grapheme' }),
            times: instants,
            received: instants,
            seconds: fc.double({ min: 0, max: 1e9, noNaN: true }),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 5 },
      ),
      links: fc.array(
        fc.record(
          {
            type: fc.string(),
            value: fc.string(),
            subject: hex(16).map((text) => `s_${text}` as SubjectId),
            at: fc.integer(),
            id: fc.uuid(),
            known: fc.integer(),
          },
          { noNullPrototype: true },
        ),
        { maxLength: 5 },
      ),
      messages: fc.array(hex(16), { maxLength: 50 }),
      firstOffset: fc.maxSafeNat().map((n) => Math.floor(n / 2)),
      lastOffset: fc.maxSafeNat().map((n) => Math.floor(n / 2)),
    },
    { noNullPrototype: true },
  );

  it('come back as they were', () => {
    fc.assert(fc.property(sums, (sum) => expect(decodeBehaviourSum(encodeBehaviourSum(sum))).toStrictEqual(sum)));
  });

  it('take few bytes a touchpoint', () => {
    const times = Array.from({ length: 1_000 }, (_, i) => 1_717_151_400_000 + i * 3_000);
    const sum: BehaviourSum = {
      tallies: [{ type: 'page_viewed', channel: 'app', label: '', times, received: times, seconds: 0 }],
      links: [],
      messages: times.map((at) => seenKey('app', String(at))),
      firstOffset: 0,
      lastOffset: 999,
    };
    expect(encodeBehaviourSum(sum).length / 1_000).toBeLessThan(21);
  });

  it('hold seen keys and nothing else', () => {
    const none = { tallies: [], links: [], firstOffset: 0, lastOffset: 0 };
    for (const messages of [['m-1'], ['zz'.repeat(16)], ['ab'.repeat(15), 'ab'.repeat(17)]])
      expect(() => encodeBehaviourSum({ ...none, messages })).toThrow(TypeError);
  });
});

describe('decisions', () => {
  const taken: BatchTaken = {
    type: 'BatchTaken',
    topic: 'touchpoints.shop',
    partition: 0,
    from: 0,
    to: 9,
    accepted: 8,
    duplicates: [3],
    quarantined: [4],
  };

  it('come back as they were', () => {
    expect(decodeDecision(encodeDecision(taken))).toStrictEqual(taken);
    expect(decodeBatchTaken(encodeDecision(taken))).toStrictEqual(taken);
  });

  it('are not made up from other bytes', () => {
    expect(() => decodeDecision(Buffer.from('{"type":"order_placed"}'))).toThrow(TypeError);
    expect(() => decodeDecision(Buffer.from('null'))).toThrow(TypeError);
    expect(() => decodeBatchTaken(Buffer.from('{"type":"CommandTaken"}'))).toThrow(
      'an intake stream holds CommandTaken',
    );
  });
});
