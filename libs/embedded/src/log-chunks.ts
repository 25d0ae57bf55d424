import { type LogAppend } from '@tributary/kernel';
import { ByteWriter } from './bytes.js';
import { partitionOf } from './partition-of.js';
import { recordSize, SEGMENT_BYTES, writeRecord } from './segment.js';
import { type PartitionNumbers } from './topics.js';

/** Records of one partition, in the form in which the log stores them. */
interface Run {
  readonly bytes: ByteWriter;
  records: number;
  newest_ms: number;
}

/** 32 MB of runs. */
const MOST_SPARE = 128;

/** Memory of runs whose bytes have gone into a frame, for those of the next. */
export class SpareRuns {
  #spare: ByteWriter[] = [];

  take(expected_bytes: number): ByteWriter {
    return this.#spare.pop() ?? ByteWriter.own(expected_bytes);
  }

  /** One that a single large record has made large is not kept. */
  giveBack(run: ByteWriter): void {
    run.rewind();
    if (this.#spare.length < MOST_SPARE && run.room <= 2 * SEGMENT_BYTES) this.#spare.push(run);
  }

  clear(): void {
    this.#spare = [];
  }
}

/** Records by partition, in runs of bounded size; order is kept within a partition. */
export class LogChunks {
  readonly #numbers: PartitionNumbers;
  readonly #runs = new Map<number, Run>();
  readonly #cut: { readonly partition: number; readonly run: Run }[] = [];
  readonly #expected_bytes: number;
  readonly #spare: SpareRuns;

  constructor(numbers: PartitionNumbers, expected_bytes: number, spare: SpareRuns) {
    this.#numbers = numbers;
    this.#expected_bytes = expected_bytes;
    this.#spare = spare;
  }

  add({ topic, records }: LogAppend): void {
    const ids = this.#numbers.idsOf(topic);
    if (ids.length === 0) throw new RangeError(`topic ${topic} is not known`);
    const keyless = this.#numbers.turn() % ids.length;
    for (const record of records) {
      const partition = ids[record.key === null ? keyless : partitionOf(record.key, ids.length)]!;
      let run = this.#runs.get(partition);
      if (run && run.bytes.at + recordSize(record) > SEGMENT_BYTES) {
        this.#cut.push({ partition, run });
        run = undefined;
      }
      if (!run) {
        const expected = Math.min(SEGMENT_BYTES, Math.ceil(this.#expected_bytes / ids.length));
        const bytes = this.#spare.take(expected);
        this.#runs.set(partition, (run = { bytes, records: 0, newest_ms: -Infinity }));
      }
      writeRecord(run.bytes, record);
      run.records++;
      if (record.timestamp_ms > run.newest_ms) run.newest_ms = record.timestamp_ms;
    }
  }

  writeInto(into: ByteWriter<ArrayBufferLike>): void {
    for (const [partition, run] of this.#runs) this.#cut.push({ partition, run });
    into.u32(this.#cut.length);
    for (const { partition, run } of this.#cut) {
      const body = run.bytes.finish();
      into.u32(partition);
      into.u32(run.records);
      into.f64(run.newest_ms);
      into.u32(body.length);
      into.bytes(body);
      this.#spare.giveBack(run.bytes);
    }
  }
}
