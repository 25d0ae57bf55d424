import { type LogBatch } from '@tributary/kernel';

/**
 * Batches in the units in which they are to be committed, in their order, each of which names no more than `subjects`
 * subjects: what a unit takes in memory are the records that it changes, and of touchpoints of strangers that is some for
 * each. A batch is cut where it would name one more. A touchpoint without a key counts as a subject of its own.
 */
export function* unitsOf(batches: readonly LogBatch[], subjects: number): Iterable<readonly LogBatch[]> {
  let unit: LogBatch[] = [];
  let named = new Set<string>();
  let unnamed = 0;
  for (const batch of batches) {
    const { records } = batch;
    let from = 0;
    for (let at = 0; at < records.length; at++) {
      const { key } = records[at] as LogBatch['records'][number];
      if (key !== null && named.has(key)) continue;
      if (named.size + unnamed === subjects) {
        if (at > from) unit.push({ ...batch, records: records.slice(from, at) });
        yield unit;
        [unit, named, unnamed, from] = [[], new Set(), 0, at];
      }
      if (key === null) unnamed += 1;
      else named.add(key);
    }
    if (from < records.length) unit.push(from === 0 ? batch : { ...batch, records: records.slice(from) });
  }
  if (unit.length > 0) yield unit;
}
