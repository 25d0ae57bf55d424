import { readFile } from 'node:fs/promises';
import { type Channel } from '../channel/model.js';
import { decimalNumber, type Decimal, parseDecimal, plus, zero } from '../channel/decimal.js';
import { readChannelFile } from '../file/read-file.js';

/** What buy-till-you-die models know of a customer; weeks of 7 days, up to the end of 1997-09-30. */
export interface CdnowCustomer {
  /** Repeat purchase days: days with a purchase after the first. */
  readonly x: number;
  readonly t_x: number;
  readonly T: number;
  /** Mean amount of the repeat days, dollars; 0 where there are none. */
  readonly zbar: number;
}

const week_ms = 7 * 86_400_000;
const calibrationEnd = Date.UTC(1997, 8, 30);

/** Rows `ID,x,t_x,T,zbar` of the published summary (two decimals), or `id,first,x,t_x,T,zbar,…` of the derived one (exact). */
export const readCdnowSummary = async (path: string): Promise<ReadonlyMap<number, CdnowCustomer>> => {
  const [header = '', ...lines] = (await readFile(path, 'utf8')).trim().split(/\r?\n/);
  const names = header.toLowerCase().split(',');
  const rows = lines.map((line) => {
    const cells = line.split(',');
    const cell = (name: string) => Number(cells[names.indexOf(name)]);
    return [cell('id'), { x: cell('x'), t_x: cell('t_x'), T: cell('t'), zbar: cell('zbar') }] as const;
  });
  return new Map(rows);
};

/**
 * The same out of what the channel file makes of the sample file, by the sample's own number of the customer: its place
 * in the file. `customerNo` is the identifier that the touchpoints carry.
 */
export const cdnowCustomers = async (
  channel: Channel,
  path: string,
): Promise<ReadonlyMap<number, CdnowCustomer & { readonly customerNo: string }>> => {
  const byCustomer = new Map<string, Map<number, Decimal>>();
  for await (const { items } of readChannelFile(channel, path))
    for (const { envelope } of items) {
      const at = Number(envelope.occurredAt);
      const customer = envelope.identifiers[0]?.value ?? '';
      let days = byCustomer.get(customer);
      if (!days) byCustomer.set(customer, (days = new Map()));
      if (at <= calibrationEnd)
        days.set(at, plus(days.get(at) ?? zero, parseDecimal(String(envelope.payload['amount'])) ?? zero));
    }
  return new Map([...byCustomer].map(([customerNo, days], i) => [i + 1, { customerNo, ...summaryOf(days) }]));
};

const summaryOf = (days: ReadonlyMap<number, Decimal>): CdnowCustomer => {
  const sorted = [...days].sort(([a], [b]) => a - b);
  const first = sorted[0]?.[0] ?? calibrationEnd;
  const last = sorted.at(-1)?.[0] ?? first;
  const repeats = sorted.slice(1).map(([, amount]) => amount);
  const x = repeats.length;
  return {
    x,
    t_x: (last - first) / week_ms,
    T: (calibrationEnd - first) / week_ms,
    zbar: x === 0 ? 0 : decimalNumber(repeats.reduce(plus, zero)) / x,
  };
};
