import { readFile } from 'node:fs/promises';
import { type Channel, type JsonObject } from '../channel/model.js';
import { decimalNumber, type Decimal, parseDecimal, plus, zero } from '../channel/decimal.js';
import { readChannelFile } from '../file/read-file.js';

/** What `derived_customer_oracle.csv` says of a customer with at least one purchase. */
export interface RetailCustomer {
  /** Days of London's calendar, YYYY-MM-DD. */
  readonly firstPurchase: string;
  readonly lastPurchase: string;
  readonly invoices: number;
  readonly purchaseDays: number;
  /** Pence. */
  readonly gross: number;
  readonly net: number;
  readonly cancellations: number;
  /** From the last purchase to 2011-12-10. */
  readonly recency_days: number;
}

/** The oracle, by customer number. */
export const readRetailOracle = async (path: string): Promise<ReadonlyMap<string, RetailCustomer>> => {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/);
  const names = header.split(',');
  return new Map(
    lines.map((line) => {
      const cells = line.split(',');
      const cell = (name: string) => cells[names.indexOf(name)] ?? '';
      return [
        cell('CustomerID'),
        {
          firstPurchase: cell('first_purchase'),
          lastPurchase: cell('last_purchase'),
          invoices: Number(cell('invoices')),
          purchaseDays: Number(cell('purchase_days')),
          gross: pence(parseDecimal(cell('gross_amount')) ?? zero),
          net: pence(parseDecimal(cell('net_amount')) ?? zero),
          cancellations: Number(cell('cancel_invoices')),
          recency_days: Number(cell('recency_days_asof_2011_12_10')),
        },
      ];
    }),
  );
};

const asOf = Date.UTC(2011, 11, 10);
const day_ms = 86_400_000;
const londonDay = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/London' });
const pence = (d: Decimal): number => Math.round(decimalNumber(d) * 100) + 0;
const amountIn = (payload: JsonObject): Decimal => parseDecimal(String(payload['amount'])) ?? zero;

/** The same figures out of what the channel file makes of the set: the mapping's proof. */
export const retailCustomers = async (channel: Channel, path: string): Promise<ReadonlyMap<string, RetailCustomer>> => {
  const tallies = new Map<
    string,
    { days: Set<string>; invoices: number; cancellations: number; gross: Decimal; taken: Decimal }
  >();
  for await (const { items } of readChannelFile(channel, path))
    for (const { envelope } of items) {
      const customer = envelope.identifiers[0]?.value;
      if (customer === undefined) continue;
      let tally = tallies.get(customer);
      if (!tally)
        tallies.set(customer, (tally = { days: new Set(), invoices: 0, cancellations: 0, gross: zero, taken: zero }));
      if (envelope.type === 'order_placed') {
        tally.invoices++;
        tally.gross = plus(tally.gross, amountIn(envelope.payload));
        tally.days.add(londonDay.format(new Date(envelope.occurredAt)));
      } else if (envelope.type === 'order_cancelled') {
        tally.cancellations++;
        tally.taken = plus(tally.taken, amountIn(envelope.payload));
      }
    }
  const customers = new Map<string, RetailCustomer>();
  for (const [customer, { days, invoices, cancellations, gross, taken }] of tallies) {
    const sorted = [...days].sort();
    const [first, last] = [sorted[0], sorted.at(-1)];
    if (first === undefined || last === undefined) continue;
    customers.set(customer, {
      firstPurchase: first,
      lastPurchase: last,
      invoices,
      purchaseDays: days.size,
      gross: pence(gross),
      net: pence(plus(gross, { digits: -taken.digits, scale: taken.scale })),
      cancellations,
      recency_days: (asOf - Date.parse(last)) / day_ms,
    });
  }
  return customers;
};
