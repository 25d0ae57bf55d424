import { expect, test } from '@jest/globals';
import { type BehaviourTally, orderPlaced, plainLine, type Transition } from '@tributary/domain';
import { type Fact } from '../replay/facts.js';
import { type Decision } from '../replay/read-decisions.js';
import { entryOf } from './timeline-entry.js';

const sessions = (label: string, seconds: number, ...times: number[]): BehaviourTally => ({
  type: 'session_ended',
  channel: 'app',
  label,
  times,
  received: times,
  seconds,
});

test('a sum tells sessions of one app together, however long they took', () => {
  const tallies = [sessions('ios', 18, 2_000, 3_000), sessions('ios', 4, 1_000), sessions('web', 5, 4_000)];
  const event = { id: 'e', type: 'BehaviourSummed', metadata: { recordedAt: 9_000 } };
  const sum = { kind: 'behaviour', event, sum: { tallies, links: [] } } as unknown as Fact;
  // What came later is no part of it: a moment may have cut it in two.
  expect(entryOf(sum).recordedAt).toBe('1970-01-01T00:00:04.000Z');
  expect(entryOf(sum).detail).toEqual({
    counts: [
      {
        ...{ type: 'session_ended', channel: 'app', label: 'ios', count: 3, seconds: 22 },
        ...{ first: '1970-01-01T00:00:01.000Z', last: '1970-01-01T00:00:03.000Z' },
      },
      {
        ...{ type: 'session_ended', channel: 'app', label: 'web', count: 1, seconds: 5 },
        ...{ first: '1970-01-01T00:00:04.000Z', last: '1970-01-01T00:00:04.000Z' },
      },
    ],
  });
});

test('amounts that an order tells beside its own are decimal texts, too', () => {
  const line = { productId: 'p', name: null, category: null, quantity: 1, unitPrice: 50_000, amount: 50_000 };
  const payload = {
    ...orderPlaced('o', 50_000, 'EUR'),
    ...{ tax: 8_000, discount: 1, coupon: 'MAY' },
    lines: [{ ...line, ...plainLine, brand: 'B', discount: 10_000 }],
  };
  const touchpoint = { type: 'order_placed', channel: 'shop', occurredAt: 0, receivedAt: 0, payload };
  const event = { id: 'e', metadata: { recordedAt: 0 } };
  expect(entryOf({ kind: 'fact', event, touchpoint } as unknown as Fact).detail).toMatchObject({
    ...{ amount: '5.00', tax: '0.80', shipping: null, discount: '0.0001', coupon: 'MAY' },
    lines: [{ amount: '5.00', brand: 'B', discount: '1.00' }],
  });
});

test('of what is very long an entry tells a part, and how much it leaves out', () => {
  const event = { id: 'e', metadata: { recordedAt: 0 } };
  const transitions = Array.from({ length: 250 }, (_, at) => ({
    track: 'buyer',
    from: null,
    to: `${at}`,
    at,
    evidence: {},
  }));
  const decision = { type: 'CourseRevised', customerId: 'c_1', since: 0, withdrawn: 7, transitions, because: ['e'] };
  const entry = { kind: 'decision', event, decision } as unknown as Decision;
  const told = entryOf(entry, new Set([transitions[249] as unknown as Transition])).detail as Record<
    string,
    Transition[]
  >;
  // The newest of a course.
  expect(told['transitions']).toHaveLength(100);
  expect(told['transitions']?.at(-1)).toEqual({ ...transitions[249], withdrawn: true });
  expect(told).toMatchObject({ withdrawn: 7, because: ['e'], omitted: { transitions: 150 } });
  const linked = {
    type: 'SubjectsLinked',
    subjects: Array.from({ length: 101 }, (_, i) => `s_${i}`),
    added: [],
    at: 0,
  };
  expect(entryOf({ ...entry, decision: linked } as unknown as Decision).detail).toMatchObject({
    omitted: { subjects: 1 },
    added: [],
  });
  const tallies = Array.from({ length: 102 }, (_, i) => sessions(`app${i}`, 1, 1_000));
  const sum = { kind: 'behaviour', event, sum: { tallies, links: [] } } as unknown as Fact;
  expect(entryOf(sum).detail).toMatchObject({ omitted: { counts: 2 } });
});
