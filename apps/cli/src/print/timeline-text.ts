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

const LONGEST = 72;

/** The plain values of an entry's detail, on one line; the whole of it is in `--json`. */
export const gist = ({ detail }: Pick<Entry, 'detail'>): string => {
  if (typeof detail !== 'object' || detail === null) return '';
  const plain = Object.entries(detail).flatMap(([name, value]) => {
    // It stands above, and instants in milliseconds tell a person nothing.
    if (name === 'customerId' || name === 'at') return [];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return [`${name} ${value}`];
    return Array.isArray(value) && value.length > 0 ? [`${value.length} ${name}`] : [];
  });
  const text = plain.join(', ').replace(/\s+/g, ' ');
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
};
