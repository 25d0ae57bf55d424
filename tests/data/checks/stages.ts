import { loadLifecycleRules } from '@tributary/contracts';
import { type LifecycleRules, type Profile, type RhythmMultiple } from '@tributary/domain';
import { channelNamed, loadChannels, readChannelFile } from '@tributary/intake';
import { dataFile } from '../data-sets.js';
import { type Findings, unless } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { type Platform } from '../platform/platform.js';

const day_ms = 86_400_000;

/** Stages of all 23,570 customers of CDNOW: dated when they happened, and exit just when silence grew too long. */
export const checkStages = async (platform: Platform, findings: Findings): Promise<void> => {
  const days = await purchaseDays();
  const customers = [...days.keys()];
  const began = performance.now();
  const profiles = await inFlight(8, customers, (customer) => platform.byIdentifier('customer_no', customer));
  const rate = Math.round(customers.length / ((performance.now() - began) / 1000));
  const rules = loadLifecycleRules();
  const exit = exitRule(rules);

  const dates = profiles.flatMap((profile) => profile?.lifecycle.history.map(({ at }) => at.slice(0, 10)) ?? []);
  const [first, last] = dates.reduce(([a, b], date) => [date < a ? date : a, date > b ? date : b], ['9999', '0000']);
  findings.add(
    'transitions are dated in event time, in order, from the first purchase on',
    dates.length,
    customers.flatMap((customer, i) => datingDifferences(customer, profiles[i], days.get(customer) ?? [])),
    `${first} … ${last}; ${rate} profiles/s`,
  );

  findings.add(
    'each customer has left, on the day on which silence grew too long',
    customers.length,
    customers.flatMap((customer, i) => {
      const bought = days.get(customer) ?? [];
      return exitDifferences(customer, profiles[i], exitInstant(bought, rules, exit), rules);
    }),
    `${exit.rhythms} rhythms, ${exit.floor_days ?? 0} to ${exit.cap_days ?? Infinity} days`,
  );

  const january = Date.UTC(1997, 1, 1);
  const once = customers.flatMap((customer, i) => {
    const bought = days.get(customer) ?? [];
    const [day = Infinity] = bought;
    return bought.length === 1 && day < january && purchasesOf(profiles[i]) === 1 ? [{ profile: profiles[i], customer, day }] : [];
  });
  findings.add(
    'one purchase in January 1997, then silence: exit half a year later',
    once.length,
    once.flatMap(({ profile, customer, day }) => [
      ...unless(profile?.lifecycle.relationship?.stage, 'exit', `${customer}: stage`),
      ...unless(profile?.lifecycle.relationship?.since, iso(day + 180 * day_ms), `${customer}: exit`),
      ...unless(profile?.lifecycle.buyer?.stage, 'first_time', `${customer}: buyer`),
    ]),
    'rhythm not known yet: 36 days, times 5',
  );
};

const purchasesOf = (profile: Profile | undefined): number => profile?.value.purchases ?? 0;
const iso = (at: number): string => new Date(at).toISOString();

/** Days with a purchase, ascending, by customer; read from the file without the platform. */
const purchaseDays = async (): Promise<ReadonlyMap<string, readonly number[]>> => {
  const sets = new Map<string, Set<number>>();
  const channel = channelNamed('cdnow', loadChannels());
  for await (const { items } of readChannelFile(channel, dataFile('cdnow/CDNOW_master.txt.gz')))
    for (const { envelope } of items) {
      const customer = envelope.identifiers[0]?.value ?? '';
      const set = sets.get(customer) ?? new Set();
      sets.set(customer, set.add(Number(envelope.occurredAt)));
    }
  return new Map([...sets].map(([customer, set]) => [customer, [...set].sort((a, b) => a - b)]));
};

const exitRule = ({ relationship }: LifecycleRules): RhythmMultiple => {
  const rung = relationship.find(({ name }) => name === 'exit');
  const value = rung?.when[0]?.value;
  if (rung?.when.length !== 1 || rung.when[0]?.feature !== 'silence_days' || typeof value !== 'object')
    throw new Error('rules/lifecycle.yaml: exit no longer follows from silence in rhythms alone; mend this check');
  return value;
};

/** A second telling of the rule, by hand: the last purchase, and so many of the customer's mean gaps. */
const exitInstant = (bought: readonly number[], { rhythm }: LifecycleRules, exit: RhythmMultiple): number => {
  const [first = 0] = bought;
  const last = bought.at(-1) ?? first;
  const gap =
    bought.length < 2
      ? rhythm.default_days
      : Math.min(Math.max((last - first) / day_ms / (bought.length - 1), rhythm.floor_days), rhythm.cap_days);
  const silence = Math.min(Math.max(exit.rhythms * gap, exit.floor_days ?? 0), exit.cap_days ?? Infinity);
  return last + Math.round(silence * day_ms);
};

const exitDifferences = (
  customer: string,
  profile: Profile | undefined,
  expected: number,
  rules: LifecycleRules,
): string[] => [
  ...unless(profile?.lifecycle.relationship?.stage, 'exit', `${customer}: stage`),
  ...unless(profile?.lifecycle.relationship?.since, iso(expected), `${customer}: exit`),
  ...unless(profile?.lifecycle.rules, rules.version, `${customer}: rules`),
];

const datingDifferences = (customer: string, profile: Profile | undefined, bought: readonly number[]): string[] => {
  if (!profile) return [`${customer}: not there`];
  const [first = NaN] = bought;
  // A tier may outlive the money that gave it: by a year and what is left of a quarter; silence, by two years.
  const latest = (bought.at(-1) ?? NaN) + 720 * day_ms;
  return (['relationship', 'buyer', 'tier'] as const).flatMap((track) => {
    const course = profile.lifecycle.history.filter((each) => each.track === track);
    const times = course.map(({ at }) => Date.parse(at));
    return [
      ...unless(times[0], first, `${customer}: begin of ${track}`),
      ...course.flatMap(({ from }, i) => unless(from, course[i - 1]?.to ?? null, `${customer}: ${track} ${i} from`)),
      ...times.flatMap((at, i) =>
        at >= (times[i - 1] ?? first) && at <= latest ? [] : [`${customer}: ${track} changed at ${iso(at)}`],
      ),
    ];
  });
};
