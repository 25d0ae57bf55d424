import { type TimelinePage } from '../http/api.js';
import { table } from './table.js';

type Entry = TimelinePage['entries'][number];

export const timelineText = ({ entries }: TimelinePage): string =>
  entries.length === 0
    ? 'nothing happened\n'
    : table(
        [{ title: 'WHEN' }, { title: 'CHANNEL' }, { title: 'WHAT' }, { title: '' }],
        entries.map((entry) => [minute(entry.at), entry.channel ?? '', entry.type, gist(entry)]),
      );

export const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');

interface Transition {
  readonly track: string;
  readonly from: string | null;
  readonly to: string;
  /** It was taken back later. */
  readonly withdrawn?: true;
}

const LONGEST = 72;

/** Lists that say more than how long they are: what a sum of behaviour counts, and which stages were entered. */
const lists: Readonly<Record<string, (list: readonly unknown[]) => string>> = {
  counts: (list) => {
    const byType = new Map<string, number>();
    for (const { type, count } of list as readonly { readonly type: string; readonly count: number }[])
      byType.set(type, (byType.get(type) ?? 0) + count);
    return [...byType].map(([type, count]) => `${count} ${type}`).join(', ');
  },
  transitions: (list) =>
    (list as readonly Transition[])
      .map(({ track, from, to, withdrawn }) => `${track} ${from ?? '–'} → ${to}${withdrawn ? ' (withdrawn)' : ''}`)
      .join(', '),
};

/** The plain values of an entry's detail, on one line; the whole of it is in `--json`. */
export const gist = ({ detail }: Pick<Entry, 'detail'>): string => {
  if (typeof detail !== 'object' || detail === null) return '';
  const plain = Object.entries(detail).flatMap(([name, value]) => {
    // They stand above or below, and instants in milliseconds tell a person nothing.
    if (name === 'customerId' || name === 'at' || name === 'because') return [];
    if (name === 'since' && typeof value === 'number') return [`since ${minute(new Date(value).toISOString())}`];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [`${name} ${value}`];
    if (!Array.isArray(value) || value.length === 0) return [];
    return [lists[name]?.(value) ?? `${value.length} ${name}`];
  });
  const text = plain.join(', ').replace(/\s+/g, ' ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
};
