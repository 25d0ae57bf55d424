import {
  type CdnowCustomer,
  cdnowCustomers,
  channelNamed,
  loadChannels,
  readCdnowSummary,
} from '@tributary/intake';
import { dataFile } from '../data-sets.js';
import { type Findings } from '../findings.js';
import { inFlight } from '../in-flight.js';
import { type Platform } from '../platform/platform.js';

const week_ms = 7 * 86_400_000;
const calibrationDay = '1997-09-30';

/** The sample's customers, by the number that the published summary gives them: their place in the sample. */
export const sampleCustomers = async (): Promise<readonly { readonly id: number; readonly customerNo: string }[]> => {
  const channel = channelNamed('cdnow', loadChannels());
  const customers = await cdnowCustomers(channel, dataFile('cdnow/CDNOW_sample.txt'));
  return [...customers].map(([id, { customerNo }]) => ({ id, customerNo }));
};

export interface Summaries {
  /** Two decimals. */
  readonly published: ReadonlyMap<number, CdnowCustomer>;
  /** Weeks in all digits, zbar in four decimals. */
  readonly exact: ReadonlyMap<number, CdnowCustomer>;
}

export const readSummaries = async (): Promise<Summaries> => ({
  published: await readCdnowSummary(dataFile('cdnow/cdnow_customers_summary_with_transactions.csv')),
  exact: await readCdnowSummary(dataFile('cdnow/derived_cdnow_cal_holdout.csv')),
});

/** x, t_x, T and zbar of each of the sample's customers, from profiles as of the end of the calibration period. */
export const checkCdnow = async (platform: Platform, findings: Findings): Promise<void> => {
  const customers = await sampleCustomers();
  const summaries = await readSummaries();
  const found = await inFlight(8, customers, ({ customerNo }) => summaryFromProfile(platform, customerNo));
  findings.add(
    'x, t_x, T, zbar as published, from profiles',
    summaries.published.size,
    summaryDifferences(new Map(customers.map(({ id }, i) => [id, found[i]])), summaries),
    'as of 1997-09-30, and as of each first day',
  );
};

const summaryFromProfile = async (platform: Platform, customerNo: string): Promise<CdnowCustomer | undefined> => {
  const profile = await platform.byIdentifier('customer_no', customerNo, calibrationDay);
  const { firstPurchase, lastPurchase, purchaseDays, gross } = profile?.value ?? {};
  if (firstPurchase == null || lastPurchase == null || purchaseDays === undefined) return undefined;
  // zbar leaves out the first day: what had been spent at its end.
  const firstDay = await platform.byIdentifier('customer_no', customerNo, firstPurchase.slice(0, 10));
  const x = purchaseDays - 1;
  return {
    x,
    t_x: (Date.parse(lastPurchase) - Date.parse(firstPurchase)) / week_ms,
    T: (Date.parse(calibrationDay) - Date.parse(firstPurchase)) / week_ms,
    zbar: x === 0 ? 0 : (Number(gross) - Number(firstDay?.value.gross)) / x,
  };
};

const exactTo = { x: 1e-9, t_x: 1e-9, T: 1e-9, zbar: 0.000051 };

export const summaryDifferences = (
  found: ReadonlyMap<number, CdnowCustomer | undefined>,
  { published, exact }: Summaries,
): string[] =>
  [...published].flatMap(([id, rounded]) => {
    const customer = found.get(id);
    const derived = exact.get(id);
    if (!customer || !derived) return [`customer ${id}: not there`];
    const wrong = (['x', 't_x', 'T', 'zbar'] as const).filter(
      (name) =>
        Math.abs(customer[name] - rounded[name]) >= 0.0051 || Math.abs(customer[name] - derived[name]) >= exactTo[name],
    );
    return wrong.length === 0
      ? []
      : [`customer ${id}: ${wrong.map((name) => `${name} ${customer[name]}, expected ${derived[name]}`).join('; ')}`];
  });
