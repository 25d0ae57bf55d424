import { type Profile } from '@tributary/domain';
import { type Findings, unless } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { type Platform } from '../platform/platform.js';
import { profileDifferences } from '../same-profile.js';
import { shuffled } from '../shuffle.js';
import { readSessions, type Session } from './identity.js';

/** How many commands are under way at once. */
const COMMANDS = 16;
const STRANGERS = 300;

/** Merges customers of all channels by hand, pair by pair, and unmerges them: both sides must be what they were. */
export const checkMergeOfStrangers = async (platform: Platform, findings: Findings): Promise<void> => {
  const ids = shuffled(await platform.all(), 3).map(({ customerId }) => customerId);
  const pairs = Array.from({ length: STRANGERS }, (_, i) => [ids[2 * i] ?? '', ids[2 * i + 1] ?? ''] as const);
  const before = await sidesOf(platform, pairs);
  await inFlight(COMMANDS, pairs, ([one, other]) => platform.merge(one, other));
  await platform.settled();
  const merged = await sidesOf(platform, pairs);
  findings.add(
    'strangers merged by hand: one customer, with all of both',
    pairs.length,
    merged.flatMap(([one, other], i) => sumDifferences(pairs[i]?.[0] ?? '', one, other, before[i] ?? [undefined, undefined])),
  );
  await inFlight(COMMANDS, pairs, ([one, other]) => platform.unmerge(one, namesake(other)));
  await platform.settled();
  const after = await sidesOf(platform, pairs);
  findings.add(
    'unmerge restores both sides exactly',
    2 * pairs.length,
    after.flatMap((sides, i) =>
      sides.flatMap((side, j) => profileDifferences(pairs[i]?.[j] ?? '', side, before[i]?.[j])),
    ),
    'whole profiles, but for their version',
  );
};

const namesake = (customerId: string): string => customerId.replace(/^c_/, 's_');

type Sides = readonly [Profile | undefined, Profile | undefined];

const sidesOf = (platform: Platform, pairs: readonly (readonly [string, string])[]): Promise<Sides[]> =>
  inFlight(8, pairs, async ([one, other]) => [await platform.byId(one), await platform.byId(other)] as const);

const sumDifferences = (
  who: string,
  one: Profile | undefined,
  other: Profile | undefined,
  [a, b]: Sides,
): string[] => {
  if (!one || !other || !a || !b) return [`${who}: not there`];
  return [
    ...unless(one.customerId, other.customerId, `${who}: customer`),
    ...unless(one.subjects.join(), [...a.subjects, ...b.subjects].sort().join(), `${who}: subjects`),
    ...unless(one.activity.touchpoints, a.activity.touchpoints + b.activity.touchpoints, `${who}: touchpoints`),
    ...unless(one.orders.placed, a.orders.placed + b.orders.placed, `${who}: orders`),
    ...unless(one.tickets.opened, a.tickets.opened + b.tickets.opened, `${who}: tickets`),
    ...unless(one.behaviour.sessions, a.behaviour.sessions + b.behaviour.sessions, `${who}: sessions`),
  ];
};

/**
 * Takes one device out of every visitor who has several, though the evidence holds them together: each side is left
 * with its own sessions, as the file counts them. Merged again, they are what they were.
 */
export const checkUnmergeOfVisitors = async (platform: Platform, findings: Findings): Promise<void> => {
  const sessions = await readSessions('airbnb_sessions_composed');
  const visitors = [...new Set(sessions.map(({ visitor }) => visitor))];
  const find = (): Promise<(Profile | undefined)[]> =>
    inFlight(8, visitors, (visitor) => platform.byIdentifier('visitor', visitor));
  const before = await find();
  const several = before.flatMap((profile) => (profile && profile.subjects.length > 1 ? [profile] : []));
  const parted = several.map((profile) => ({
    whole: profile,
    // The last of its subjects that is not its namesake: any would do.
    subject: profile.subjects.filter((subject) => subject !== namesake(profile.customerId)).at(-1) ?? '',
  }));
  await inFlight(COMMANDS, parted, ({ whole, subject }) => platform.unmerge(whole.customerId, subject));
  await platform.settled();
  const sides = await sidesOf(
    platform,
    parted.map(({ whole, subject }) => [whole.customerId, subject.replace(/^s_/, 'c_')] as const),
  );
  findings.add(
    'a device taken out of each visitor: two customers that share nothing',
    sides.length,
    sides.flatMap(([rest, out], i) => apartDifferences(parted[i]?.whole, rest, out)),
  );
  findings.add(
    'each side holds its own sessions, as the file counts them',
    2 * sides.length,
    await sessionDifferences(platform, sides.flat(), sessions),
  );
  await inFlight(COMMANDS, sides, async ([rest, out]) =>
    rest && out && rest.customerId !== out.customerId ? platform.merge(rest.customerId, out.customerId) : undefined,
  );
  await platform.settled();
  const after = await find();
  findings.add(
    'merged again, each visitor is what it was',
    visitors.length,
    visitors.flatMap((visitor, i) => profileDifferences(visitor, after[i], before[i])),
    'whole profiles, but for their version',
  );
};

const apartDifferences = (
  whole: Profile | undefined,
  rest: Profile | undefined,
  out: Profile | undefined,
): string[] => {
  if (!whole || !rest || !out) return ['a side is not there'];
  const who = whole.customerId;
  return [
    ...(rest.customerId === out.customerId ? [`${who}: still one customer`] : []),
    ...unless([...rest.subjects, ...out.subjects].sort().join(), whole.subjects.join(), `${who}: subjects`),
    ...unless(rest.activity.touchpoints + out.activity.touchpoints, whole.activity.touchpoints, `${who}: touchpoints`),
  ];
};

/** What each side holds beside the sessions of those identifiers that lead to it. */
const sessionDifferences = async (
  platform: Platform,
  sides: readonly (Profile | undefined)[],
  sessions: readonly Session[],
): Promise<string[]> => {
  const strongest = new Map(sessions.map(({ identifiers: [first] }) => [`${first?.type}=${first?.value}`, first]));
  const names = [...strongest.keys()];
  const holders = await inFlight(8, names, async (name) => {
    const { type = '', value = '' } = strongest.get(name) ?? {};
    return (await platform.byIdentifier(type, value))?.customerId;
  });
  const holderOf = new Map(names.map((name, i) => [name, holders[i]]));
  const counts = new Map<string | undefined, number>();
  for (const { identifiers: [first] } of sessions) {
    const holder = holderOf.get(`${first?.type}=${first?.value}`);
    counts.set(holder, (counts.get(holder) ?? 0) + 1);
  }
  return sides.flatMap((side) =>
    side ? unless(side.behaviour.sessions, counts.get(side.customerId) ?? 0, `${side.customerId}: sessions`) : [],
  );
};
