import { type Profile } from '@tributary/domain';
import { channelNamed, loadChannels, readChannelFile, readRetailOracle, type RetailCustomer } from '@tributary/intake';
import { dataFile } from '../data-sets.js';
import { type Findings } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { type Platform } from '../platform/platform.js';

/** The oracle's recency is counted to this day. */
export const retailDay = '2011-12-10';

/**
 * Online Retail's recency, frequency and money, for every customer of the oracle, from the profiles as of 2011-12-10;
 * and that who is not in it has bought nothing.
 */
export const checkRetail = async (platform: Platform, findings: Findings): Promise<void> => {
  const oracle = await readRetailOracle(dataFile('online_retail/derived_customer_oracle.csv'));
  const numbers = await customerNumbers();
  const began = performance.now();
  const profiles = await inFlight(8, numbers, (number) => platform.byIdentifier('customer_no', number, retailDay));
  const rate = Math.round(numbers.length / ((performance.now() - began) / 1000));
  const found = new Map(numbers.map((number, i) => [number, profiles[i]]));
  findings.add(
    'RFM of each customer as of 2011-12-10, from profiles',
    oracle.size,
    [...oracle].flatMap(([number, expected]) => retailDifferences(number, rfmOf(found.get(number)), expected)),
    `${rate} profiles/s folded again from events`,
  );
  const others = numbers.filter((number) => !oracle.has(number));
  findings.add(
    'customers beyond the oracle have bought nothing',
    others.length,
    others.flatMap((number) => {
      const purchases = found.get(number)?.value.purchases;
      return purchases === 0 ? [] : [`customer ${number}: ${String(purchases)} purchases`];
    }),
  );
};

/** Each customer number that the file holds. */
const customerNumbers = async (): Promise<readonly string[]> => {
  const numbers = new Set<string>();
  const channel = channelNamed('online_retail', loadChannels());
  for await (const { items } of readChannelFile(channel, dataFile('online_retail/online_retail.csv.gz')))
    for (const { envelope } of items) for (const { value } of envelope.identifiers) numbers.add(value);
  return [...numbers];
};

/** The shop sells by day only: its UTC days and London's are the same. */
const dayOf = (iso: string | null): string => iso?.slice(0, 10) ?? 'none';

/** Pence of exact decimal text; the oracle's sums are rounded to the penny, too. */
export const pence = (text: string): number => {
  const [whole = '0', fraction = ''] = text.replace('-', '').split('.');
  const amount = Math.round((Number(whole) * 10_000 + Number(fraction.padEnd(4, '0').slice(0, 4))) / 100);
  return text.startsWith('-') ? 0 - amount : amount;
};

const rfmOf = (profile: Profile | undefined): RetailCustomer | undefined =>
  profile && {
    firstPurchase: dayOf(profile.value.firstPurchase),
    lastPurchase: dayOf(profile.value.lastPurchase),
    invoices: profile.value.purchases,
    purchaseDays: profile.value.purchaseDays,
    gross: pence(profile.value.gross),
    net: pence(profile.value.net),
    cancellations: profile.orders.cancelled,
    recency_days: profile.value.recencyDays ?? -1,
  };

export const retailDifferences = (
  number: string,
  found: Partial<RetailCustomer> | undefined,
  expected: RetailCustomer,
): string[] => {
  if (!found) return [`customer ${number}: not there`];
  const names = Object.keys(found) as (keyof RetailCustomer)[];
  const wrong = names.filter((name) => found[name] !== expected[name]);
  const said = wrong.map((name) => `${name} ${String(found[name])}, expected ${String(expected[name])}`);
  return wrong.length === 0 ? [] : [`customer ${number}: ${said.join('; ')}`];
};
