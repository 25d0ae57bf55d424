import { afterEach, beforeEach } from '@jest/globals';
import { type Log, type LogRecord, type StoredRecord } from './log.js';

export interface LogUnderTest {
  readonly log: Log;
  /** Closes the engine and opens it anew over the same data; absent: the engine outlives its client. */
  reopen?(): Promise<Log>;
  close(): Promise<void>;
}

export const bytes = (text: string): Uint8Array => new Uint8Array(new TextEncoder().encode(text));
export const text = (value: Uint8Array): string => new TextDecoder().decode(value);
export const record = (
  key: string | null,
  value: string | Uint8Array,
  timestamp_ms = 1_700_000_000_000,
): LogRecord => ({
  key,
  value: typeof value === 'string' ? bytes(value) : value,
  timestamp_ms,
});
export const numbered = (count: number, keys: number): LogRecord[] =>
  Array.from({ length: count }, (_, i) => record(`key-${i % keys}`, `${i}`));

/** The log of the case that runs, and what every case asks of it. */
export interface LogInHand {
  readonly log: Log;
  /** Another engine over the same data, where the engine ends with its client. */
  reopen(): Promise<void>;
  /** A topic that nobody has heard of. */
  fresh(partitions: number): Promise<string>;
  /** All that a topic holds, by partition. */
  all(topic: string): Promise<StoredRecord[][]>;
}

/** Opens a log before each case of the suite around it, and closes it behind. */
export const eachWithALog = (make: () => Promise<LogUnderTest>): LogInHand => {
  let under: LogUnderTest;
  let log: Log;
  let count = 0;
  /** Engines that live on between tests must not meet a name twice. */
  const run = Math.random().toString(36).slice(2, 8);
  beforeEach(async () => {
    under = await make();
    log = under.log;
  });
  afterEach(() => under.close());
  return {
    get log() {
      return log;
    },
    reopen: async () => {
      if (under.reopen) log = await under.reopen();
    },
    fresh: async (partitions) => {
      const topic = `contract-${run}-${++count}`;
      await log.ensureTopics([{ name: topic, partitions }]);
      return topic;
    },
    all: async (topic) => {
      const ranges = await log.partitions(topic);
      return Promise.all(
        ranges.map(async ({ partition, begin, end }) => {
          const records: StoredRecord[] = [];
          for (let from = begin; from < end;) {
            const read = await log.read({ topic, partition }, from, 1000);
            if (read.length === 0) break;
            records.push(...read);
            from = read.at(-1)!.offset + 1;
          }
          return records;
        }),
      );
    },
  };
};
