import { callAlone, type Problem, type SegmentCall } from '@tributary/contracts';
import { type Instant, type LogRecord } from '@tributary/kernel';
import { type Arrival } from './door.js';
import { jsonTextOf } from './json-text.js';
import { heldOfRequest } from './quarantine.js';

/**
 * Sets calls of one request to Segment's doors aside. One of a batch is kept with what the batch said for all of them, so
 * that its replay means what it would have meant at once. `spare_bytes` bounds what that may add up to: behind it calls
 * are kept as they stand in the batch, for a large context beside thousands of empty calls would multiply.
 */
export const asider = (
  { body, bytes }: Arrival,
  call: SegmentCall | 'batch',
  receivedAt: Instant,
  spare_bytes: number,
): ((index: number, reason: Problem) => LogRecord) => {
  let spare = spare_bytes;
  const callBytes = (index: number): Buffer => {
    if (call !== 'batch') return bytes;
    const batch = body as { readonly batch: readonly unknown[] };
    const item = batch.batch[index];
    const text = Buffer.from(jsonTextOf(spare > 0 ? callAlone(item, batch) : item));
    spare -= text.length;
    return text;
  };
  return (index, reason) =>
    heldOfRequest(reason, call === 'batch' ? `batch[${index}]` : call, callBytes(index), receivedAt);
};
