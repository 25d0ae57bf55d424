import { type StoredRecord } from '@tributary/kernel';

/**
 * The records in parts that hold all of each key that they hold, in log order: by and large what one subject did. A part
 * has `least` records or more, the last one any number. Whoever works off one part after the other needs what was made of
 * a record only until the end of its part; in log order, a subject's first would have to wait for its last.
 */
export function* partsByKey(records: readonly StoredRecord[], least: number): Iterable<readonly StoredRecord[]> {
  const { group, sizes } = groupsOf(records);
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

/** For each record the number of its key, and how many records each key has; keys are numbered as they come. */
const groupsOf = (
  records: readonly StoredRecord[],
): { readonly group: Int32Array; readonly sizes: readonly number[] } => {
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
  return { group, sizes };
};
