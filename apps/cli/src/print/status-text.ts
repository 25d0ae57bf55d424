import { type Status } from '../http/api.js';
import { counted, grouped } from './numbers.js';
import { table } from './table.js';
import { minute } from './timeline-text.js';

export const statusText = (status: Status, url: string | null): string => {
  const waits = Object.entries(status.lag).filter(([, records]) => records > 0);
  const head = [
    url === null
      ? 'no server is running on this data folder'
      : `running at ${url} since ${minute(status.startedAt)} UTC`,
    `${counted(status.customers, 'customer')}, ${counted(status.touchpoints, 'touchpoint')}, ${status.events < 0 ? 'no events' : `events up to position ${grouped(status.events)}`}`,
    waits.length === 0
      ? status.lagUnknown === undefined
        ? 'nothing waits'
        : 'nothing waits, as far as is known'
      : `waiting: ${waits.map(([consumer, records]) => `${consumer} ${grouped(records)}`).join(', ')}`,
    ...(status.notice === undefined ? [] : [status.notice]),
  ];
  const taking = status.channels.filter(({ last, quarantined }) => last !== null || quarantined > 0);
  const channels =
    taking.length === 0
      ? ''
      : `\n${table(
          [
            { title: 'CHANNEL' },
            { title: 'TOUCHPOINTS', align: 'right' },
            { title: 'DUPLICATES', align: 'right' },
            { title: 'IN QUARANTINE', align: 'right' },
            { title: 'LAST' },
          ],
          taking.map(({ channel, accepted, duplicates, held, last }) => [
            channel,
            grouped(accepted),
            grouped(duplicates),
            grouped(held),
            last === null ? '' : minute(last),
          ]),
        )}`;
  return `${head.join('\n')}\n${channels}\n${stagesText(status)}`;
};

const tracks = [
  ['relationship', 'STAGE 阶段'],
  ['buyer', 'BUYER 购买'],
  ['tier', 'TIER 等级'],
] as const;

const BAR = 24;

/** Customers by stage, tier and kind of buyer, each with its share as a bar. */
export const stagesText = ({ stages, customers }: Pick<Status, 'stages' | 'customers'>): string =>
  tracks
    .map(([track, title]): string => {
      const rows = Object.entries(stages[track] ?? {});
      const bar = (n: number) =>
        '▇'.repeat(customers === 0 ? 0 : Math.max(n > 0 ? 1 : 0, Math.round((n / customers) * BAR)));
      return rows.length === 0
        ? ''
        : table(
            [{ title }, { title: 'CUSTOMERS', align: 'right' }, { title: '' }],
            rows.map(([stage, n]) => [stage, grouped(n), bar(n)]),
          );
    })
    .filter((text) => text !== '')
    .join('\n');
