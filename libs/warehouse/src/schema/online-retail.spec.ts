import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AnyTouchpoint, type BatchTaken, type OrderLine, orderPlaced, plainLine } from '@tributary/domain';
import { type RecordedEvent } from '@tributary/kernel';
import { type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { subjectOf } from '../controls/recorded-intake.js';
import { loadFacts } from '../load/load-facts.js';

const data = join(process.cwd(), '../shared/data/online_retail');
const present = existsSync(data);
if (!present) process.stderr.write(`online-retail.spec: skipped, ${data} is absent\n`);

const csv = (text: string): Record<string, string>[] => {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    (rows[rows.length - 1] as string[]).push(quoted?.replace(/""/g, '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  const [head = [], ...body] = rows;
  return body
    .filter((row) => row.length === head.length)
    .map((row) => Object.fromEntries(head.map((name, i) => [name, row[i] ?? ''])));
};

/** Invoices of known customers, as orders; lines without a price are no purchase. */
const invoices = (): AnyTouchpoint[] => {
  const orders = new Map<string, { customer: number; at: number; amount: number; lines: OrderLine[] }>();
  for (const row of csv(gunzipSync(readFileSync(join(data, 'online_retail.csv.gz'))).toString())) {
    const unitPrice = Math.round(Number(row['UnitPrice']) * 10_000);
    if (!row['CustomerID'] || unitPrice === 0) continue;
    const id = row['InvoiceNo'] ?? '';
    let order = orders.get(id);
    if (!order)
      orders.set(
        id,
        (order = {
          customer: Number(row['CustomerID']),
          at: Date.parse(`${row['InvoiceDate']}Z`),
          amount: 0,
          lines: [],
        }),
      );
    const quantity = Math.abs(Number(row['Quantity']));
    order.amount += quantity * unitPrice;
    order.lines.push({
      productId: row['StockCode'] ?? '',
      name: row['Description'] ?? null,
      category: null,
      quantity,
      unitPrice,
      amount: quantity * unitPrice,
      ...plainLine,
    });
  }
  return [...orders].map(([id, { customer, at, amount, lines }]) => {
    const base = {
      channel: 'online_retail',
      messageId: id,
      occurredAt: at,
      receivedAt: at,
      identifiers: [{ type: 'member_no', value: `${customer}`, subject: subjectOf(customer) }],
    };
    return id.startsWith('C')
      ? {
          ...base,
          type: 'order_refunded',
          payload: { orderId: id, refundId: id, amount, currency: 'GBP', lines, reason: null },
        }
      : {
          ...base,
          type: 'order_placed',
          payload: { ...orderPlaced(id, amount, 'GBP'), lines },
        };
  });
};

(present ? describe : describe.skip)('RFM of Online Retail, from the facts', () => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-retail-'));
  let warehouse: ChdbWarehouse;

  beforeAll(async () => {
    warehouse = await openChdbWarehouse({ path });
    await warehouse.migrate();
    const touchpoints = invoices();
    const taken: BatchTaken = {
      type: 'BatchTaken',
      topic: 'touchpoints.online_retail',
      partition: 0,
      from: 0,
      to: touchpoints.length - 1,
      accepted: touchpoints.length,
      duplicates: [],
      quarantined: [],
    };
    const event: RecordedEvent = {
      id: '1',
      type: taken.type,
      stream: 'intake-x',
      revision: 0,
      position: 1,
      metadata: { recordedAt: 0 },
      data: Buffer.from(JSON.stringify(taken)),
    };
    await loadFacts({
      warehouse,
      log: {
        partitions: async (topic) => [{ topic, partition: 0, begin: 0, end: touchpoints.length }],
        read: (_, from, max) =>
          Promise.resolve(
            touchpoints.slice(from, from + max).map((_touchpoint, i) => ({
              key: null,
              value: Buffer.from(String(from + i)),
              timestamp_ms: 0,
              offset: from + i,
            })),
          ),
      },
      events: { readAll: (after) => Promise.resolve(after < 1 ? [event] : []) },
      catalogue: { decode: (value) => touchpoints[Number(Buffer.from(value).toString())] as AnyTouchpoint },
      once: true,
      signal: new AbortController().signal,
    });
  });
  afterAll(async () => {
    await warehouse.close();
    rmSync(path, { recursive: true, force: true });
  });

  test('equals the oracle for every customer, to the penny', async () => {
    const rows = await warehouse.query<{
      customer_id: string;
      recency_days: number;
      frequency: number;
      gross: string;
      net: string;
    }>(`SELECT customer_id, recency_days, frequency, gross, net FROM rfm_at(as_of = '2011-12-10')`);
    const got = new Map(rows.map((row) => [row.customer_id, row]));
    const oracle = csv(readFileSync(join(data, 'derived_customer_oracle.csv'), 'utf8'));
    expect(oracle).toHaveLength(4338);
    expect(got.size).toBe(4338);
    for (const row of oracle) {
      const { recency_days, frequency, gross, net } = got.get(
        subjectOf(Number(row['CustomerID'])).replace('s_', 'c_'),
      ) ?? { recency_days: -1, frequency: -1, gross: '', net: '' };
      expect([recency_days, frequency, Number(gross).toFixed(2), Number(net).toFixed(2)]).toEqual([
        Number(row['recency_days_asof_2011_12_10']),
        Number(row['invoices']),
        Number(row['gross_amount']).toFixed(2),
        Number(row['net_amount']).toFixed(2),
      ]);
    }
  });
});
