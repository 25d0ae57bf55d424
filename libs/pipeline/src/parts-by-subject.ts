import { isSubjectId, type StoredRecord } from '@tributary/kernel';

/**
 * The records in parts, each of which holds all that some subjects did, in log order. A part has `least` records or more,
 * the last one any number. Whoever works off one part after the other needs what was made of a record only until the end
 * of its part; in log order, a subject's first would have to wait for its last.
 *
 * Only where each key is a subject, as our doors write them, or none: else what one subject did would be in several parts,
 * and come to several appends of one batch, which nothing that reads events back could tell from one. Such records are
 * one part.
 */
export function* partsBySubject(records: readonly StoredRecord[], least: number): Iterable<readonly StoredRecord[]> {
  const { keys, group, sizes } = groupsOf(records);
  for (const key of keys)
    if (key !== null && !isSubjectId(key)) {
      yield records;
      return;
    }
  // Where each group begins, then where its next record goes.
  const next = new Int32Array(sizes.length);
  for (let i = 1; i < sizes.length; i++) next[i] = (next[i - 1] as number) + (sizes[i - 1] as number);
  const order = new Int32Array(records.length);
  for (let i = 0; i < records.length; i++) {
    const number = group[i] as number;
    const at = next[number] as number;
    order[at] = i;
    next[number] = at + 1;
  }
  let from = 0;
  for (const end of next) {
    if (end - from < least && end < records.length) continue;
    yield Array.from(order.subarray(from, end), (i) => records[i] as StoredRecord);
    from = end;
  }
}

interface Groups {
  /** In the order in which they came first; a group's number is its key's place. */
  readonly keys: Iterable<string | null>;
  readonly sizes: readonly number[];
  /** Of each record. */
  readonly group: Int32Array;
}

const groupsOf = (records: readonly StoredRecord[]): Groups => {
  const numbers = new Map<string | null, number>();
  const group = new Int32Array(records.length);
  const sizes: number[] = [];
  for (let i = 0; i < records.length; i++) {
    const { key } = records[i] as StoredRecord;
    let number = numbers.get(key);
    if (number === undefined) {
      numbers.set(key, (number = sizes.length));
      sizes.push(0);
    }
    group[i] = number;
    sizes[number] = (sizes[number] as number) + 1;
  }
  return { keys: numbers.keys(), group, sizes };
};
