import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Identify, isInvalidIdentifier, loadIdentityRules, makeIdentify } from '@tributary/contracts';
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
/** Leads to whoever holds the subject today. */
const namedAfter = (subject: string): string => subject.replace(/^s_/, 'c_');

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
  const identify = subjectsIn(platform.dataDir);
  const filed = filedUnder(sessions, identify);
  const visitors = [...new Set(sessions.map(({ visitor }) => visitor))];
  const find = (): Promise<(Profile | undefined)[]> =>
    inFlight(8, visitors, (visitor) => platform.byIdentifier('visitor', visitor));
  const before = await find();
  const parted = before.flatMap((whole, i) => {
    const visitor = subjectOf(identify, 'visitor', visitors[i] ?? '');
    // A device with sessions of its own; where it can be, not the one that the customer is named after.
    const devices = whole?.subjects.filter((each) => filed.has(each) && each !== visitor) ?? [];
    const device = devices.find((each) => each !== namesake(whole?.customerId ?? '')) ?? devices[0];
    return whole && device !== undefined ? [{ whole, device, visitor: namedAfter(visitor) }] : [];
  });
  const part = async (): Promise<Sides[]> => {
    await inFlight(COMMANDS, parted, ({ whole, device }) => platform.unmerge(whole.customerId, device));
    await platform.settled();
    return sidesOf(
      platform,
      parted.map(({ visitor, device }) => [visitor, namedAfter(device)] as const),
    );
  };
  const mergeAgain = async (sides: readonly Sides[]): Promise<void> => {
    await inFlight(COMMANDS, sides, async ([rest, out]) =>
      rest && out && rest.customerId !== out.customerId ? platform.merge(rest.customerId, out.customerId) : undefined,
    );
    await platform.settled();
  };

  const sides = await part();
  findings.add(
    'a device taken out of each visitor: two customers that share nothing',
    sides.length,
    sides.flatMap(([rest, out], i) => apartDifferences(parted[i]?.whole, rest, out)),
  );
  findings.add(
    'each side holds its own sessions, as the file has them',
    2 * sides.length,
    sides.flat().flatMap((side) => (side ? sessionDifferences(side, filed) : [])),
  );
  await mergeAgain(sides);
  const after = await find();
  findings.add(
    'merged again, each visitor is what it was',
    parted.length,
    visitors.flatMap((visitor, i) => profileDifferences(visitor, after[i], before[i])),
    'whole profiles, but for their version',
  );
  const again = await part();
  findings.add(
    'taken out once more, each side is what it was',
    2 * again.length,
    again.flatMap((pair, i) =>
      pair.flatMap((side, j) => profileDifferences(parted[i]?.whole.customerId ?? '', side, sides[i]?.[j])),
    ),
    'whole profiles, but for their version',
  );
  await mergeAgain(again);
};

const apartDifferences = (whole: Profile | undefined, rest: Profile | undefined, out: Profile | undefined): string[] => {
  const who = whole?.customerId ?? '';
  if (!whole || !rest || !out) return [`${who}: ${rest ? 'what was taken out' : 'the rest'} is not there`];
  return [
    ...(rest.customerId === out.customerId ? [`${who}: still one customer`] : []),
    ...unless([...rest.subjects, ...out.subjects].sort().join(), whole.subjects.join(), `${who}: subjects`),
    ...unless(rest.activity.touchpoints + out.activity.touchpoints, whole.activity.touchpoints, `${who}: touchpoints`),
  ];
};

/** Ids of subjects as this data folder makes them. */
const subjectsIn = (dataDir: string): Identify => {
  const { lookupKey } = JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')) as { lookupKey: string };
  const key = Buffer.from(lookupKey, 'base64');
  return makeIdentify({ lookupKey: key, rules: loadIdentityRules({ lookupKey: key }) });
};

const subjectOf = (identify: Identify, type: string, value: string): string => {
  const identifier = identify(type, value);
  if (isInvalidIdentifier(identifier)) throw new Error(`the file holds an invalid ${type}`);
  return identifier.subject;
};

/** Instants of the sessions that are filed under each subject, by the file. */
const filedUnder = (sessions: readonly Session[], identify: Identify): ReadonlyMap<string, readonly number[]> => {
  const filed = new Map<string, number[]>();
  for (const { at, identifiers } of sessions) {
    const subject = subjectOf(identify, identifiers[0]?.type ?? '', identifiers[0]?.value ?? '');
    const instants = filed.get(subject);
    if (instants) instants.push(at);
    else filed.set(subject, [at]);
  }
  return filed;
};

const sessionDifferences = (
  { customerId, subjects, behaviour, activity }: Profile,
  filed: ReadonlyMap<string, readonly number[]>,
): string[] => {
  const expected = subjects.flatMap((subject) => filed.get(subject) ?? []).sort((a, b) => a - b);
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  return [
    ...unless(behaviour.sessions, expected.length, `${customerId}: sessions`),
    ...unless(activity.first, iso(expected[0]), `${customerId}: first`),
    ...unless(activity.last, iso(expected.at(-1)), `${customerId}: last`),
  ];
};
