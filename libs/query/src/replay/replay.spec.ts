import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { customerNamedAfter, DAY_MS, type SubjectId } from '@tributary/kernel';
import { type AnyTouchpoint, canonicalJson, type ManualLink, type Profile } from '@tributary/domain';
import { NOON, Town } from '../testing/town.js';

const people: readonly (readonly [string, string])[] = [
  ['member_no', 'A-1'],
  ['member_no', 'A-2'],
  ['phone', '+8613912340001'],
  ['phone', '+8613912340002'],
  ['email', 'a@example.com'],
  ['email', 'b@example.com'],
  ['device', 'kiosk'],
];

type Act =
  | { readonly act: 'touch'; readonly kind: number; readonly names: readonly number[]; readonly daysAgo: number }
  | { readonly act: ManualLink['kind']; readonly a: number; readonly b: number }
  | { readonly act: 'erase'; readonly a: number };

const who = fc.nat(people.length - 1);
const touch = fc.record({
  act: fc.constant('touch' as const),
  kind: fc.nat(4),
  names: fc.uniqueArray(who, { minLength: 1, maxLength: 3 }),
  daysAgo: fc.oneof(fc.nat(5), fc.nat(400)),
});
const word = fc.record({
  act: fc.constantFrom('merge' as const, 'keep_apart' as const, 'withdraw' as const),
  a: who,
  b: who,
});
const erasure = fc.record({ act: fc.constant('erase' as const), a: who });

const touchpointOf = (town: Town, act: Extract<Act, { act: 'touch' }>, n: number): AnyTouchpoint => {
  const names = act.names.map((i) => people[i] as readonly [string, string]);
  const at = town.clock.now() - act.daysAgo * DAY_MS - n;
  switch (act.kind) {
    case 0:
      return town.order(names, at, `o${n % 7}`, 10 + n);
    case 1:
      return town.traits(names, at, { name: `n${n}`, country: 'CN' });
    case 2:
      return town.view(names, at, n % 2 ? 'tea' : 'cups');
    case 3:
      return town.touchpoint('ticket_updated', names, at, {
        ticketId: `t${n % 3}`,
        status: `s${n}`,
        priority: null,
        reopened: n % 2 === 0,
      });
    default:
      return town.touchpoint('session_ended', names, at, {
        sessionId: `s${n}`,
        duration_s: n,
        app: 'web',
        searched: false,
        messaged: false,
        booked: false,
        campaign: null,
      });
  }
};

const live = async (town: Town): Promise<Map<SubjectId, Profile | undefined>> => {
  const profiles = new Map<SubjectId, Profile | undefined>();
  for (const [type, value] of people) {
    const { subject } = town.identifier(type, value);
    profiles.set(subject, await town.profiles.get(customerNamedAfter(subject)));
  }
  return profiles;
};

/** All but the version: a fold from facts does not count the decisions. */
const comparable = (profile: Profile | undefined): string => canonicalJson({ ...profile, version: 0 });

/** As by command: of two who are customers. An identifier that was only ever named is none. */
const say = async (town: Town, kind: ManualLink['kind'], a: SubjectId, b: SubjectId): Promise<void> => {
  for (const subject of [a, b])
    if (!(await town.profiles.get(customerNamedAfter(subject)))?.activity.touchpoints) return;
  await town.manual(kind, a, b);
};

const perform = async (town: Town, batch: readonly Act[], n: number): Promise<void> => {
  const touches = batch.filter((act) => act.act === 'touch').map((act, i) => touchpointOf(town, act, n * 10 + i));
  await town.take(...touches);
  for (const act of batch) {
    if (act.act === 'touch') continue;
    const subjectOf = (i: number) => town.identifier(...(people[i] as [string, string])).subject;
    if (act.act === 'erase') await town.erase(subjectOf(act.a));
    else if (act.a !== act.b) await say(town, act.act, subjectOf(act.a), subjectOf(act.b));
    town.clock.advance(1);
  }
};

/** A word ties two identifiers that are, once another word has parted them from who named them, nobody's. */
const twoOnlyNamed: readonly (readonly Act[])[] = [
  [{ act: 'touch', kind: 0, names: [1, 6], daysAgo: 0 }],
  [
    { act: 'merge', a: 3, b: 6 },
    { act: 'touch', kind: 0, names: [1, 3, 0], daysAgo: 0 },
    { act: 'keep_apart', a: 3, b: 1 },
  ],
];

/** A device has come to be shared, and is somebody's by hand all the same: called after it, since others had named it before. */
const sharedSince: Act[][] = [
  [
    { act: 'touch', kind: 0, names: [6, 0], daysAgo: 0 },
    { act: 'merge', a: 6, b: 0 },
  ],
  [{ act: 'touch', kind: 0, names: [6, 2], daysAgo: 0 }],
  [{ act: 'touch', kind: 0, names: [1, 6], daysAgo: 2 }],
];

describe('replaying a past moment', () => {
  test('gives what was live then, whatever came since', async () => {
    const batches = fc.array(fc.array(fc.oneof({ weight: 5, arbitrary: touch }, word), { maxLength: 5 }), {
      minLength: 1,
      maxLength: 5,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (acts) => {
        const town = new Town();
        const seen: { at: number; profiles: Map<SubjectId, Profile | undefined> }[] = [];
        for (const [n, batch] of acts.entries()) {
          await perform(town, batch, n);
          town.clock.advance(DAY_MS);
          await town.settle();
          seen.push({ at: town.clock.now(), profiles: await live(town) });
          town.clock.advance(1);
        }
        for (const { at, profiles } of seen)
          for (const [subject, profile] of profiles) {
            const then = await town.profiles.get(customerNamedAfter(subject), { asOf: at, knownAt: at });
            expect(comparable(then)).toBe(comparable(profile));
          }
      }),
      { numRuns: 60, examples: [[sharedSince]] },
    );
  });

  test('of now gives what is live, also after erasures', async () => {
    const acts = fc.array(fc.array(fc.oneof({ weight: 6, arbitrary: touch }, word, erasure), { maxLength: 6 }), {
      minLength: 1,
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(acts, async (batches) => {
        const town = new Town();
        for (const [n, batch] of batches.entries()) await perform(town, batch, n);
        await town.settle();
        for (const [subject, profile] of await live(town)) {
          const now = await town.profiles.get(customerNamedAfter(subject), { asOf: town.clock.now() });
          expect(comparable(now)).toBe(comparable(profile));
        }
      }),
      { numRuns: 60, examples: [[twoOnlyNamed]] },
    );
  });

  test('as of a day gives what a town would hold in which nothing happened later', async () => {
    const touches = fc.array(touch, { minLength: 1, maxLength: 10 });
    await fc.assert(
      fc.asyncProperty(touches, fc.nat(400), async (acts, daysAgo) => {
        const whole = new Town();
        const until = NOON - daysAgo * DAY_MS;
        const all = acts.filter(({ kind }) => kind !== 4).map((act, n) => touchpointOf(whole, act, n));
        await whole.take(...all);
        const part = new Town();
        await part.take(...all.filter(({ occurredAt }) => occurredAt <= until));
        part.clock.set(until);
        for (const [type, value] of people) {
          const id = whole.named(type, value);
          const then = await whole.profiles.get(id, { asOf: until });
          // Facts of the part were accepted later than `until`, so it is asked for what it knew at noon.
          expect(comparable(then)).toBe(comparable(await part.profiles.get(id, { asOf: until, knownAt: NOON })));
        }
      }),
      { numRuns: 60 },
    );
  });
});
