import { quarantineTopic } from '@tributary/domain';
import { type Log, type StoredRecord } from '@tributary/kernel';
import { type Quarantined } from '../../collector/quarantine.js';
import { type SettledOffsets, type SettledAs } from './settled-items.js';

export const itemStates = ['held', 'settled', 'all'] as const;
export type ItemState = (typeof itemStates)[number];

export interface ItemsWanted {
  readonly channel: string;
  readonly state: ItemState;
  /** Those behind this offset. */
  readonly after: number | undefined;
  readonly limit: number;
  readonly withBytes: boolean;
}

/** So often a page is read on where what was read is not wanted; then it is handed out as it is, with where to go on. */
const MOST_LOOKS = 20;

/** Items of a channel in the order they came. What comes from now on stands at `end` or behind it. */
export const itemPage = async (
  log: Pick<Log, 'partitions' | 'read'>,
  offsets: SettledOffsets,
  { channel, state, after, limit, withBytes }: ItemsWanted,
) => {
  const [range] = await log.partitions(quarantineTopic(channel));
  if (range === undefined) return { channel, items: [], next: null, end: 0 };
  const items: object[] = [];
  let from = Math.max(range.begin, after === undefined ? 0 : after + 1);
  for (let looks = 0; looks < MOST_LOOKS && items.length < limit && from < range.end; looks++) {
    const start = firstWanted(offsets, state, from);
    const records = start < range.end ? await log.read(range, start, limit - items.length) : [];
    for (const record of records)
      if (wanted(offsets, state, record.offset)) items.push(itemOf(record, offsets, withBytes));
    const last = records[records.length - 1];
    from = last === undefined ? range.end : last.offset + 1;
  }
  return { channel, items, next: from < range.end ? String(from - 1) : null, end: range.end };
};

const firstWanted = ({ settled }: SettledOffsets, state: ItemState, from: number): number => {
  if (state === 'all') return from;
  return state === 'held' ? settled.firstWithout(from) : (settled.firstWithin(from) ?? Number.MAX_SAFE_INTEGER);
};

const wanted = ({ settled }: SettledOffsets, state: ItemState, offset: number): boolean =>
  state === 'all' || settled.has(offset) === (state === 'settled');

const itemOf = ({ offset, value }: StoredRecord, offsets: SettledOffsets, withBytes: boolean) => {
  const { bytes, ...rest } = JSON.parse(new TextDecoder().decode(value)) as Quarantined;
  const settled = settledAs(offsets, offset);
  return {
    offset,
    ...rest,
    size_bytes: Math.floor((bytes.replace(/=+$/, '').length * 3) / 4),
    ...(settled === undefined ? {} : { settled }),
    ...(withBytes ? { bytes } : {}),
  };
};

const settledAs = ({ settled, replayed }: SettledOffsets, offset: number): SettledAs | undefined => {
  if (!settled.has(offset)) return undefined;
  return replayed.has(offset) ? 'replayed' : 'discarded';
};
