import { type CdnowCustomer, readRetailOracle } from '@tributary/intake';
import { dataFile, fiveSets } from '../data-sets.js';
import { type Findings, unless } from '../findings.js';
import { type Platform } from '../platform/platform.js';
import { readSummaries, sampleCustomers, summaryDifferences } from './cdnow.js';
import { pence, retailDifferences } from './retail.js';

/** The same figures once more, from ClickHouse alone. */
export const checkWarehouse = async (platform: Platform, findings: Findings): Promise<void> => {
  if (!platform.hasSql) return findings.skip('the same from ClickHouse SQL', 'this platform has no SQL listener');
  await checkCounts(platform, findings);
  await checkRetailRfm(platform, findings);
  await checkRetailValue(platform, findings);
  await checkCdnowOrders(platform, findings);
  await checkStageHistory(platform, findings);
};

const checkCounts = async (platform: Platform, findings: Findings): Promise<void> => {
  const rows = await platform.sql(`
    SELECT channel, count() AS rows, uniqExact(message_id) AS messages FROM raw_touchpoints GROUP BY channel`);
  const counts = new Map(rows.map((row) => [row['channel'], row]));
  findings.add(
    'raw_touchpoints: each accepted touchpoint once',
    fiveSets.reduce((sum, { touchpoints }) => sum + touchpoints, 0),
    fiveSets.flatMap(({ channel, touchpoints }) => [
      ...unless(Number(counts.get(channel)?.['rows']), touchpoints, `${channel}: rows`),
      ...unless(Number(counts.get(channel)?.['messages']), touchpoints, `${channel}: different messages`),
    ]),
  );
};

const numbered = `SELECT customer_id, tupleElement(arrayJoin(identifiers) AS identifier, 2) AS number FROM dim_customer
  WHERE tupleElement(identifier, 1) = 'customer_no'`;

const checkRetailRfm = async (platform: Platform, findings: Findings): Promise<void> => {
  const oracle = await readRetailOracle(dataFile('online_retail/derived_customer_oracle.csv'));
  const began = performance.now();
  const rows = await platform.sql(`
    SELECT number, recency_days, frequency, toString(gross) AS gross, toString(net) AS net
    FROM rfm_at(as_of = '2011-12-10') AS r INNER JOIN (${numbered}) AS n USING (customer_id)`);
  const found = new Map(rows.map((row) => [row['number'], row]));
  findings.add(
    'RFM of each customer, from the view rfm_at',
    oracle.size,
    [...oracle].flatMap(([number, expected]) => {
      const row = found.get(number);
      const rfm = row && {
        recency_days: Number(row['recency_days']),
        invoices: Number(row['frequency']),
        gross: pence(row['gross'] ?? ''),
        net: pence(row['net'] ?? ''),
      };
      return retailDifferences(number, rfm, expected);
    }),
    `${Math.round(performance.now() - began)} ms`,
  );
};

const checkRetailValue = async (platform: Platform, findings: Findings): Promise<void> => {
  const oracle = await readRetailOracle(dataFile('online_retail/derived_customer_oracle.csv'));
  const rows = await platform.sql(`
    SELECT number, toString(toDate(v.first_purchase, 'UTC')) AS first, toString(toDate(v.last_purchase, 'UTC')) AS last,
      v.purchases AS purchases, v.purchase_days AS purchase_days, toString(v.gross) AS gross, toString(v.net) AS net,
      d.cancelled_orders AS cancelled
    FROM customer_value AS v
    INNER JOIN dim_customer AS d ON d.customer_id = v.customer_id
    INNER JOIN (${numbered}) AS n ON n.customer_id = v.customer_id`);
  const found = new Map(rows.map((row) => [row['number'], row]));
  findings.add(
    'value of each customer, from customer_value and dim_customer',
    oracle.size,
    [...oracle].flatMap(([number, expected]) => {
      const row = found.get(number);
      const value = row && {
        firstPurchase: row['first'] ?? '',
        lastPurchase: row['last'] ?? '',
        invoices: Number(row['purchases']),
        purchaseDays: Number(row['purchase_days']),
        gross: pence(row['gross'] ?? ''),
        net: pence(row['net'] ?? ''),
        cancellations: Number(row['cancelled']),
      };
      return retailDifferences(number, value, expected);
    }),
  );
};

const checkCdnowOrders = async (platform: Platform, findings: Findings): Promise<void> => {
  const customers = await sampleCustomers();
  const rows = await platform.sql(`
    SELECT number, count() - 1 AS x, (max(day) - min(day)) / 7 AS t_x, (toDate('1997-09-30') - min(day)) / 7 AS T,
      if(x = 0, 0, toFloat64(sum(spent) - argMin(spent, day)) / x) AS zbar
    FROM (
      SELECT number, toDate(occurred_at, 'UTC') AS day, sum(amount) AS spent
      FROM fct_orders AS f
      INNER JOIN (SELECT subject_id, customer_id FROM customer_subjects FINAL) AS m ON m.subject_id = f.subject_id
      INNER JOIN (${numbered}) AS n ON n.customer_id = m.customer_id
      WHERE channel = 'cdnow' AND event = 'placed' AND occurred_at < '1997-10-01'
      GROUP BY number, day
    )
    GROUP BY number`);
  const byNumber = new Map(rows.map((row) => [row['number'], row]));
  const found = new Map<number, CdnowCustomer | undefined>(
    customers.map(({ id, customerNo }) => {
      // As identifiers are written: normalised.
      const row = byNumber.get(customerNo.toUpperCase());
      const figure = (name: string): number => Number(row?.[name]);
      return [id, row && { x: figure('x'), t_x: figure('t_x'), T: figure('T'), zbar: figure('zbar') }];
    }),
  );
  const summaries = await readSummaries();
  findings.add(
    'x, t_x, T, zbar as published, from fct_orders',
    summaries.published.size,
    summaryDifferences(found, summaries),
  );
};

const checkStageHistory = async (platform: Platform, findings: Findings): Promise<void> => {
  const [row] = await platform.sql(`
    SELECT uniqExact(customer_id) AS customers, count() AS transitions, toString(min(at)) AS first, toString(max(at)) AS last,
      uniqExactIf(customer_id, track = 'relationship' AND to_stage = 'exit' AND until IS NULL) AS left
    FROM customer_stage_history INNER JOIN (${numbered}) AS n USING (customer_id) WHERE startsWith(number, 'CDNOW:')`);
  findings.add(
    'customer_stage_history: every customer of CDNOW has left',
    Number(row?.['customers']),
    [
      ...unless(Number(row?.['customers']), 23_570, 'customers'),
      ...unless(Number(row?.['left']), 23_570, 'in exit today'),
    ],
    `${Number(row?.['transitions']).toLocaleString('en')} transitions, ${row?.['first']?.slice(0, 10) ?? ''} … ${row?.['last']?.slice(0, 10) ?? ''}`,
  );
};
