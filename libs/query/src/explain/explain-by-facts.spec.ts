import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  type AnyTouchpoint,
  canonicalJson,
  emptyState,
  orderPlaced,
  type Payloads,
  plainLine,
  plainOrder,
} from '@tributary/domain';
import { CustomerId, DAY_MS } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { byInstant, type Fact, foldInto } from '../replay/facts.js';
import { renderSections, type Section } from '../sections.js';
import { NOON, Town } from '../testing/town.js';
import { currencyAt } from './currency-at.js';
import { explainByFacts } from './explain-by-facts.js';
import { valueAt } from './profile-path.js';
import { Steps } from './steps.js';

const town = new Town();
const LIN = [['phone', '+8613912345678']] as const;
const orderId = fc.constantFrom('o1', 'o2', 'o3', 'o4');
const currency = fc.constantFrom('CNY', 'USD', 'JPY');
const amount = fc.nat(5).map((n) => n * 10_000);
const method = fc.option(fc.constantFrom('card', 'cash'));
const record = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(parts, { noNullPrototype: true });

type Told = readonly [type: 'order_placed' | 'order_paid' | 'order_cancelled' | 'order_refunded', payload: object];
const line = record({ category: fc.option(fc.constantFrom('tea', 'cups', '')), amount }).map(
  ({ category, amount: sum }) => ({
    ...{ productId: `${category}`, name: null, category, quantity: 1, unitPrice: sum, amount: sum },
    ...plainLine,
  }),
);
const placed = record({ orderId, amount, currency, method, lines: fc.array(line, { maxLength: 2 }) }).map(
  (stated): Told => ['order_placed', { ...stated, store: null, country: null, city: null, ...plainOrder }],
);
const paid = record({ orderId, paymentId: fc.constantFrom('p', 'q'), amount, currency, method }).map((stated): Told => [
  'order_paid',
  stated,
]);
const cancelled = fc.tuple(orderId, fc.option(fc.tuple(amount, currency))).map(([id, part]): Told => {
  const [sum, of] = part ?? [null, null];
  return ['order_cancelled', { orderId: id, amount: sum, currency: of, lines: [], reason: null }];
});
const refunded = record({ orderId, refundId: fc.constantFrom('r', 's'), amount, currency }).map((stated): Told => [
  'order_refunded',
  { ...stated, lines: [], reason: null },
]);
const lives = fc.array(fc.tuple(fc.oneof(placed, placed, paid, cancelled, refunded), fc.nat(40)), { maxLength: 14 });

const caseOf = (life: readonly (readonly [Told, number])[]): CustomerCase => {
  const facts = life.map(([[type, payload], quarters], i): Fact => {
    const at = NOON - (quarters * DAY_MS) / 4;
    const touchpoint = town.touchpoint(type, LIN, at, payload as Payloads[typeof type]) as AnyTouchpoint;
    return { kind: 'fact', subject: 's_1', event: { id: `e${i}`, position: i }, touchpoint } as unknown as Fact;
  });
  const customer = { id: CustomerId(`c_${'a'.repeat(32)}`), subjects: [], course: [], rules: null };
  return { customer, facts, at: NOON } as unknown as CustomerCase;
};

/** All of the customer rendered anew after each fact. */
const anew = ({ customer, facts, at }: CustomerCase, sections: readonly Section[], path: string): Steps => {
  const state = emptyState();
  const now = () => {
    const profile = renderSections(sections, customer, state, at, 0);
    return { value: valueAt(profile, path)?.value, currency: currencyAt(profile, path) };
  };
  const steps = new Steps(now().value, now().currency);
  for (const fact of [...facts].sort(byInstant)) {
    foldInto(state, fact);
    steps.note(now().value, fact, { currency: now().currency });
  }
  return steps;
};

test('one order after the other gives what all of them give, rendered anew after each fact', async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (life) => {
      const subject = caseOf(life);
      for (const section of ['value', 'orders', 'preferences'] as const) {
        const wanted: readonly Section[] = section === 'preferences' ? [section, 'value'] : [section];
        const [one, all] = [await explainByFacts(subject, section, section), anew(subject, wanted, section)];
        expect(canonicalJson(one.kept)).toEqual(canonicalJson(all.kept));
        expect(one.omitted).toBe(all.omitted);
      }
    }),
    { numRuns: 500 },
  );
});

test('what is told of one order does not grow with the number of others', async () => {
  const many = (n: number): CustomerCase =>
    caseOf(Array.from({ length: n }, (_, i) => [['order_placed', orderPlaced(`o${i}`, 1, 'CNY')], i % 40] as const));
  const timed = async (n: number): Promise<number> => {
    const subject = many(n);
    // Of the processor: what else the machine does is no part of it.
    const before = process.cpuUsage();
    expect((await explainByFacts(subject, 'value', 'value.net')).kept).toHaveLength(50);
    return process.cpuUsage(before).user;
  };
  await timed(1_000);
  const [few, eightfold] = [await timed(1_000), await timed(8_000)];
  // Rendered anew after each, sixty times as long.
  expect(eightfold).toBeLessThan(30 * few);
});
