import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { type AnyTouchpoint, orderPlaced } from '../touchpoint.js';
import { newSubject, speaking, type SubjectRecord } from './customer.js';
import { foldFact } from './fold.js';
import { writeStretches } from './orders-stretches.js';
import { parseSubject, subjectText } from './record-text.js';

const fold = (record: SubjectRecord, orderId: string, kind: number, at: number): void => {
  const [type, payload] = [
    ['order_placed', orderPlaced(orderId, at, 'CNY')] as const,
    ['order_paid', { orderId, paymentId: 'p', amount: 1, currency: 'CNY', method: '卡' }] as const,
    ['order_cancelled', { orderId, amount: null, currency: null, lines: [], reason: null }] as const,
    ['order_refunded', { orderId, refundId: `r${at}`, amount: 1, currency: 'CNY', lines: [], reason: null }] as const,
  ][kind % 4]!;
  const told = { type, payload, channel: 'shop', occurredAt: at, receivedAt: at, messageId: `m${at}`, identifiers: [] };
  foldFact(speaking(record), told as unknown as AnyTouchpoint, `e${at}`);
};

const many = (count: number): SubjectRecord => {
  const record = newSubject('s_1' as SubjectId, 'phone', 'c_1' as CustomerId);
  // Every other number is free for those that come in between.
  for (let i = 0; i < count; i++) fold(record, `o-${2 * i}`, 0, i);
  return record;
};

/** As it is written by whoever has written none of it before. */
const whole = (record: SubjectRecord): string => subjectText(structuredClone(record));

const changes = fc.array(
  fc.record({
    orderId: fc.oneof(
      fc.nat(3_500).map((n) => `o-${n}`),
      fc.constantFrom('', 'a', 'p', '订单', 'o-1"'),
    ),
    kind: fc.nat(3),
    isWritten: fc.boolean(),
  }),
  { minLength: 1, maxLength: 16 },
);

const some = many(1_600);

it('of whom much is kept of what was written before, the text is what it would be written as a whole', () => {
  fc.assert(
    fc.property(fc.integer({ min: 990, max: 1_600 }), changes, (count, all) => {
      const record = structuredClone({ ...some, state: { ...some.state, orders: some.state.orders.slice(0, count) } });
      all.forEach(({ orderId, kind, isWritten }, i) => {
        fold(record, orderId, kind, 10_000 + i);
        if (isWritten) expect(subjectText(record)).toBe(whole(record));
      });
      expect(subjectText(record)).toBe(whole(record));
      expect(JSON.parse(subjectText(record)).said.orders).toEqual(record.state.orders);
      // Read back, it is a list of its own.
      const read = parseSubject(subjectText(record), '{"revision":1}');
      fold(read, 'o-2', 3, 1);
      expect(subjectText(read)).toBe(whole(read));
      expect(subjectText(record)).toBe(whole(record));
    }),
    { numRuns: 30 },
  );
});

it('stays so while a list grows to many times its size', () => {
  const record = many(1_000);
  for (let i = 0; i < 2_000; i++) {
    fold(record, i % 2 ? `o-5${i}` : `o-0${i}`, 0, 20_000 + i);
    if (i % 400 === 0) expect(subjectText(record)).toBe(whole(record));
  }
  expect(subjectText(record)).toBe(whole(record));
});

it('makes anew what stands near the order that changed, and nothing else', () => {
  const record = many(20_000);
  const { orders } = record.state;
  const written = (): number => {
    let entries = 0;
    const anew = (from: number, to: number): Uint8Array => {
      entries += to - from;
      return new Uint8Array();
    };
    writeStretches(orders, { anew, again: () => undefined });
    return entries;
  };
  expect(written()).toBe(20_000);
  expect(written()).toBe(0);
  for (let i = 1; i <= 3; i++) {
    fold(record, `o-${9 * i}`, 0, i);
    const entries = written();
    expect(entries).toBeGreaterThan(0);
    expect(entries).toBeLessThanOrEqual(512);
  }
});
