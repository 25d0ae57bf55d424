import { EngineError, type LogAppend, type LogRecord } from '@tributary/kernel';
import { ENGINE } from './errors.js';
import { partitionOf } from './partition-of.js';
import {
  MAX_BATCH_BYTES,
  MAX_BATCH_RECORDS,
  type Part,
  type PendingAppend,
  type ProducedRecord,
} from './produce-queue.js';
import { type RecordBinding } from './record-binding.js';
import { type Topics } from './topics.js';

/** Kafka's frame around a record in a batch, at most. */
const FRAME_BYTES = 40;
/** Kafka's own limit on a batch with one record, less its frame. */
export const MAX_RECORD_BYTES = 1024 * 1024 - 128;

/** Says of each record where it goes, and packs what goes together. Order is kept per partition. */
export class Packer {
  #turn = 0;

  constructor(readonly topics: Topics) {}

  async pack(appends: readonly LogAppend[], append: PendingAppend): Promise<Part[]> {
    const parts: Part[] = [];
    for (const { topic, records } of appends) {
      if (records.length === 0) continue;
      const partitions = await this.topics.count(topic);
      const binding = this.topics.bindings.get(topic);
      const open: (Part | undefined)[] = new Array(partitions);
      for (const record of records) {
        const produced = this.#produced(record, partitions, binding);
        const bytes = sizeOf(produced, topic);
        let part = open[produced.partition];
        if (!part || part.bytes + bytes > MAX_BATCH_BYTES || part.records.length >= MAX_BATCH_RECORDS) {
          part = { append, topic: this.topics.inKafka(topic), partition: produced.partition, records: [], bytes: 0 };
          open[produced.partition] = part;
          parts.push(part);
        }
        part.records.push(produced);
        part.bytes += bytes;
      }
    }
    for (const _ of parts) append.add();
    return parts;
  }

  #produced({ key, value: own, timestamp_ms }: LogRecord, partitions: number, binding?: RecordBinding): ProducedRecord {
    const bytes = key === null ? null : Buffer.from(key, 'utf8');
    const bound = binding?.bind(own);
    const value = bound?.value ?? own;
    return {
      key: bytes,
      value: Buffer.from(value.buffer, value.byteOffset, value.byteLength),
      ...(bound && { headers: bound.headers }),
      timestamp: String(timestamp_ms),
      // Stated here once and for all: the client would choose again for each repetition, and so double a record.
      partition: bytes === null ? this.#turn++ % partitions : partitionOf(bytes, partitions),
    };
  }
}

const sizeOf = ({ key, value, headers = {} }: ProducedRecord, topic: string): number => {
  let bytes = FRAME_BYTES + (key?.length ?? 0) + value.length;
  // A length before each name and each text.
  for (const each of Object.entries(headers).flat()) bytes += Buffer.byteLength(each) + 2;
  if (bytes > MAX_RECORD_BYTES)
    throw new EngineError(ENGINE, 'fatal', `a record of ${bytes} bytes for ${topic} exceeds ${MAX_RECORD_BYTES}`);
  return bytes;
};
