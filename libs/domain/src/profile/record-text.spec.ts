import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { newSubject, silent, speaking, type SubjectRecord } from './customer.js';
import { ensureIn, type Keyed } from './keyed.js';
import { activityText, parseSubject, subjectText } from './record-text.js';
import { emptyState, type Register } from './state.js';

const text = fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('消息', 'a"b\\', '\ud800', ''));
const instant = fc.integer({ min: -1e12, max: 4e12 });
const amount = fc.integer({ min: -1e12, max: 1e12 });
const count = fc.nat(1_000);
const textOrNull = fc.option(text);
const record = <T>(parts: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(parts, { noNullPrototype: true });
const register = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Register<T>> => record({ value, at: instant, id: text });
const registerOrNull = <T>(value: fc.Arbitrary<T>) => fc.option(register(value));
const keyed = <V>(value: fc.Arbitrary<V>): fc.Arbitrary<Keyed<V>> => fc.array(fc.tuple(text, value), { maxLength: 3 });
const tally = { n: count, first: instant, last: instant };
const currency = text;

const records: fc.Arbitrary<SubjectRecord> = record({
  id: text as fc.Arbitrary<SubjectId>,
  type: text,
  customer: text as fc.Arbitrary<CustomerId>,
  revision: fc.integer({ min: -1 }),
  decided: fc.integer({ min: -1 }),
  links: keyed(record({ at: instant, id: text, known: instant, type: text })),
  manual: fc.array(
    record({
      kind: fc.constantFrom('merge' as const, 'keep_apart' as const),
      a: text as fc.Arbitrary<SubjectId>,
      b: text as fc.Arbitrary<SubjectId>,
      at: instant,
      id: text,
    }),
    { maxLength: 2 },
  ),
  state: record<SubjectRecord['state']>({
    touchpoints: count,
    first: instant,
    last: instant,
    channels: keyed(record(tally)),
    types: keyed(record(tally)),
    identifiers: keyed(record({ type: text, value: text, first: instant })),
    traits: keyed(register(text)),
    interests: keyed(instant),
    orders: keyed(
      record({
        placed: registerOrNull(
          record({
            amount,
            currency,
            lines: count,
            method: textOrNull,
            channel: text,
            top: fc.array(fc.tuple(text, textOrNull, amount), { maxLength: 2 }),
          }),
        ),
        placedAt: fc.option(instant),
        paid: keyed(record({ amount, currency, method: textOrNull, at: instant })),
        cancelled: registerOrNull(record({ amount: fc.option(amount), currency: fc.option(currency) })),
        refunds: keyed(record({ amount, currency, at: instant })),
      }),
    ),
    contacts: keyed(
      record({ ...tally, inbound: count, outbound: count, seconds: count, outcome: registerOrNull(text) }),
    ),
    tickets: keyed(
      record({
        openedAt: fc.option(instant),
        closedAt: fc.option(instant),
        topic: registerOrNull(text),
        status: registerOrNull(text),
        priority: registerOrNull(text),
        updates: count,
        reopened: count,
        withinSla: registerOrNull(fc.boolean()),
      }),
    ),
    surveys: keyed(record({ n: count, sum: count, last: registerOrNull(fc.double({ noNaN: true })) })),
    reviews: record({ n: count, sumOfRatios: count, last: registerOrNull(count) }),
    labels: keyed(record(tally)),
    seconds: count,
    place: record({ country: registerOrNull(text), city: registerOrNull(text), store: registerOrNull(text) }),
    days: fc.array(instant, { maxLength: 4 }),
    recent: fc.array(
      record({ at: instant, id: text, type: text, channel: text, topic: textOrNull, outcome: textOrNull }),
      { maxLength: 3 },
    ),
  }),
});

/** What stands in data folders of old: a field that a writer leaves out, or misplaces, would differ from it. */
const stringified = ({ id, type, customer, decided, links, manual, revision, state, sealed }: SubjectRecord) => {
  const { identifiers, traits, interests, orders, contacts, tickets, surveys, reviews, place, recent, ...moving } =
    state;
  const { touchpoints, first, last, seconds, channels, types, labels, days } = moving;
  const said = { identifiers, traits, interests, orders, contacts, tickets, surveys, reviews, place, recent };
  return [
    JSON.stringify({ id, type, customer, decided, links, manual, said }),
    JSON.stringify({ revision, touchpoints, first, last, seconds, channels, types, labels, days, sealed }),
  ];
};

it('is the JSON of all that the record holds, in one order, and is read back as it was', () => {
  fc.assert(
    fc.property(records, fc.boolean(), (some, sealed) => {
      const subject: SubjectRecord = sealed ? { ...some, sealed } : some;
      const texts = [subjectText(subject), activityText(subject)] as const;
      expect(texts).toEqual(stringified(subject));
      // In JSON there is no -0.
      expect(parseSubject(...texts)).toEqual(JSON.parse(JSON.stringify(subject)));
    }),
  );
});

it('is the same of whoever has said nothing, who shares one state with all others until that changes', () => {
  const named = newSubject('s_1' as SubjectId, 'phone', 'c_1' as CustomerId);
  expect([subjectText(named), activityText(named)]).toEqual(stringified({ ...named, state: emptyState() }));
  const read = parseSubject(subjectText(named));
  expect(read).toEqual(named);
  expect(read.state).toBe(silent);
  expect(() => ensureIn(read.state.types, 'page_viewed', () => ({ n: 1, first: 1, last: 1 }))).toThrow(TypeError);
  expect(() => read.state.touchpoints++).toThrow(TypeError);
  speaking(read).touchpoints++;
  ensureIn(speaking(read).types, 'page_viewed', () => ({ n: 1, first: 1, last: 1 }));
  expect(read.state).toMatchObject({ touchpoints: 1, types: [['page_viewed', {}]] });
  expect(named.state).toEqual(emptyState());
});

it('is read as far as it is there', () => {
  fc.assert(
    fc.property(records, (some) => {
      const { touchpoints, first, last, seconds, channels, types, labels, days } = emptyState();
      const state = { ...some.state, touchpoints, first, last, seconds, channels, types, labels, days };
      expect(parseSubject(subjectText(some))).toEqual(JSON.parse(JSON.stringify({ ...some, state, revision: -1 })));
    }),
  );
});
