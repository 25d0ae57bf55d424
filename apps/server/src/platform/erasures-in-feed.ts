import { FEED_TOPIC } from '@tributary/domain';
import { type Log, type StoredRecord } from '@tributary/kernel';

/** Messages of the feed that are looked through at once. */
export const SCAN = 20_000;
const ERASED = 'tributary.customer.erased';

/** Without reading it, for few of many messages do. It may be that one only names it, as a rule's own text could. */
export const tellsOfErasure = ({ buffer, byteOffset, byteLength }: Uint8Array): boolean =>
  Buffer.from(buffer, byteOffset, byteLength).includes(ERASED);

/** By subject: the position of its last erasure among these messages. */
export const erasuresIn = (records: readonly StoredRecord[]): Map<string, number> => {
  const erasures = new Map<string, number>();
  for (const { value } of records) {
    if (!tellsOfErasure(value)) continue;
    const { type, sequence, data } = JSON.parse(Buffer.from(value).toString()) as {
      type: string;
      sequence: number;
      data: { subject: string; members: readonly string[] };
    };
    if (!type.startsWith(ERASED)) continue;
    for (const id of [data.subject, ...data.members]) erasures.set(id, sequence);
  }
  return erasures;
};

/** By subject: the position of its last erasure among the messages before this offset. */
export const erasuresBefore = async (end: number, log: Pick<Log, 'read'>): Promise<ReadonlyMap<string, number>> => {
  const all = new Map<string, number>();
  for (let offset = 0; offset < end;) {
    const records = await log.read({ topic: FEED_TOPIC, partition: 0 }, offset, Math.min(SCAN, end - offset));
    const last = records[records.length - 1];
    if (!last) break;
    for (const [subject, position] of erasuresIn(records.filter((record) => record.offset < end)))
      all.set(subject, position);
    offset = last.offset + 1;
  }
  return all;
};
