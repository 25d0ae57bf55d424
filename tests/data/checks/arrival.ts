import { channelNamed, loadChannels, type NativeEnvelope, readChannelFile } from '@tributary/intake';
import { cdnowSample, composedSessions, dataFile, type ImportPlan } from '../data-sets.js';
import { type Findings } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { type Platform } from '../platform/platform.js';
import { profileDifferences } from '../same-profile.js';
import { shuffled } from '../shuffle.js';
import { sampleCustomers } from './cdnow.js';
import { readSessions } from './identity.js';

const SEED = 19_970_101;
const REQUEST = 500;
const MERGES = 150;

interface Arrival {
  readonly channel: string;
  readonly envelope: NativeEnvelope;
}

type Pair = readonly [string, string];

/**
 * The same touchpoints in a data folder with the same secrets, but in any order, a tenth of them twice, and strangers
 * merged in the middle and unmerged at the end: every customer must come out as from the files in their order.
 */
export const checkArrival = async (
  platform: Platform,
  references: { readonly cdnow: Platform; readonly sessions: Platform },
  findings: Findings,
): Promise<void> => {
  const all = [...(await arrivalsOf(cdnowSample)), ...(await arrivalsOf(composedSessions))];
  const mixed = shuffled(all, SEED);
  const half = mixed.length >> 1;
  await deliver(platform, mixed.slice(0, half));
  await platform.settled();

  const pairs = await pairsOfStrangers(platform, [references.cdnow, references.sessions]);
  await inFlight(16, pairs, ([one, other]) => platform.merge(one, other));
  await deliver(platform, [...mixed.slice(half), ...shuffled(all, SEED + 1).slice(0, all.length / 10)]);
  await platform.settled();
  await inFlight(16, pairs, ([one, other]) => platform.unmerge(one, other.replace(/^c_/, 's_')));
  await platform.settled();

  const said = `seed ${SEED}; a tenth came twice; ${pairs.length} pairs merged half-way and unmerged at the end`;
  const customers = (await sampleCustomers()).map(({ customerNo }) => customerNo);
  findings.add(
    'CDNOW customers do not depend on the order of arrival',
    customers.length,
    await differences(platform, references.cdnow, 'customer_no', customers),
    said,
  );
  const visitors = [...new Set((await readSessions('airbnb_sessions_composed')).map(({ visitor }) => visitor))];
  findings.add(
    'visitors over their devices do not depend on the order of arrival',
    visitors.length,
    await differences(platform, references.sessions, 'visitor', visitors),
    said,
  );
};

/**
 * Customers of the first half, two by two. Two devices of one visitor may be customers of their own by then: unmerged by
 * hand they would rightly stay apart, whatever ties them together, so they are no pair.
 */
const pairsOfStrangers = async (platform: Platform, references: readonly Platform[]): Promise<Pair[]> => {
  const known = shuffled(await platform.all(), SEED).map(({ customerId }) => customerId);
  const pairs = Array.from({ length: MERGES }, (_, i): Pair => [known[2 * i] ?? '', known[2 * i + 1] ?? '']);
  const inTheEnd = async (id: string): Promise<string | undefined> =>
    (await Promise.all(references.map((reference) => reference.byId(id)))).find((found) => found)?.customerId;
  const people = await inFlight(8, pairs, ([one, other]) => Promise.all([inTheEnd(one), inTheEnd(other)]));
  return pairs.filter((_, i) => people[i]?.[0] !== people[i]?.[1]);
};

const arrivalsOf = async ({ channel, files }: ImportPlan): Promise<Arrival[]> => {
  const arrivals: Arrival[] = [];
  for (const file of files)
    for await (const { items } of readChannelFile(channelNamed(channel, loadChannels()), dataFile(file)))
      for (const { envelope } of items) arrivals.push({ channel, envelope });
  return arrivals;
};

const deliver = async (platform: Platform, arrivals: readonly Arrival[]): Promise<void> => {
  const requests: { readonly channel: string; readonly envelopes: NativeEnvelope[] }[] = [];
  const open = new Map<string, NativeEnvelope[]>();
  for (const { channel, envelope } of arrivals) {
    let envelopes = open.get(channel);
    if (!envelopes || envelopes.length >= REQUEST) {
      open.set(channel, (envelopes = []));
      requests.push({ channel, envelopes });
    }
    envelopes.push(envelope);
  }
  await inFlight(4, requests, ({ channel, envelopes }) => platform.deliver(channel, envelopes));
};

const differences = async (
  platform: Platform,
  reference: Platform,
  type: string,
  values: readonly string[],
): Promise<string[]> =>
  (
    await inFlight(8, values, async (value) => {
      const [found, expected] = await Promise.all([
        platform.byIdentifier(type, value),
        reference.byIdentifier(type, value),
      ]);
      return profileDifferences(value, found, expected);
    })
  ).flat();
