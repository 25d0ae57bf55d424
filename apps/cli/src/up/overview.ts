import { text as textOf } from 'node:stream/consumers';
import { type Client } from '../http/client.js';
import { grouped, groupedDecimal } from '../print/numbers.js';
import { stagesText } from '../print/status-text.js';
import { table } from '../print/table.js';

/** Customers by stage and tier, with what they are worth: the first thing that the platform has to show. */
export const overviewText = async (client: Client): Promise<string> => {
  const status = await client.status();
  const [stages, value] = [stagesText(status), await valueText(client)];
  return `${grouped(status.customers)} customers from ${grouped(status.touchpoints)} touchpoints  客户与触点\n\n${stages}${value === '' ? '' : `\n${value}`}`;
};

const byTier = `SELECT tier, currency, count() AS customers, sum(net) AS total, max(net) AS best FROM customer_value WHERE purchases > 0 GROUP BY tier, currency ORDER BY total DESC`;

/** Empty where there is no SQL listener, or it does not answer. */
const valueText = async (client: Client): Promise<string> => {
  if (client.sqlUrl === null) return '';
  const incoming = await client.sql(byTier, 'TabSeparated').catch(() => undefined);
  const text = incoming === undefined ? '' : await textOf(incoming);
  if (incoming?.statusCode !== 200 || text === '') return '';
  const rows = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return table(
    [
      { title: 'VALUE BY TIER 价值' },
      { title: 'CUSTOMERS', align: 'right' },
      { title: 'NET', align: 'right' },
      { title: 'LARGEST', align: 'right' },
      { title: '' },
    ],
    rows.map(([tier = '', currency = '', customers = '', net = '', best = '']) => [
      tier === '' ? '–' : tier,
      grouped(Number(customers)),
      groupedDecimal(net),
      groupedDecimal(best),
      currency,
    ]),
  );
};
