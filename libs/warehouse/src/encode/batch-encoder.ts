import { type RowBatch } from '@tributary/kernel';
import { tableNamed } from '../schema/tables.js';
import { type Encoded, rowEncoder } from './row-binary.js';

/** Encodes batches of any table. Keep it: each table's encoder remembers the bytes of repeated values. */
export const batchEncoder = (): ((batch: RowBatch) => Encoded) => {
  const encoders = new Map<string, ReturnType<typeof rowEncoder>>();
  return (batch) => {
    let encode = encoders.get(batch.table);
    if (!encode) encoders.set(batch.table, (encode = rowEncoder(tableNamed(batch.table))));
    return encode(batch);
  };
};
