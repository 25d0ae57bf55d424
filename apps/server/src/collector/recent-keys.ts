import { type Log, type LogRecord } from '@tributary/kernel';
import { quarantineTopic } from './quarantine.js';

/**
 * So many of a channel's newest quarantine keys are remembered: far more than an importer has under way. Of a file with
 * more bad rows that is taken again from its beginning, those stand there again (the help of `tributary import` says so).
 */
const REMEMBERED = 20_000;

/** An importer that crashed before its checkpoint sends the same rows again: what stands in quarantine already is known by its key. */
export class RecentKeys {
  readonly #byChannel = new Map<string, Promise<Set<string>>>();

  constructor(readonly log: Log) {}

  async without(channel: string, records: readonly LogRecord[]): Promise<readonly LogRecord[]> {
    const known = await this.#known(channel);
    const fresh = new Set<string>();
    return records.filter(({ key }) => key === null || (!known.has(key) && !fresh.has(key) && fresh.add(key)));
  }

  /** To be called when the records are durable. */
  async remember(channel: string, records: readonly LogRecord[]): Promise<void> {
    const known = await this.#known(channel);
    for (const { key } of records) if (key !== null) known.add(key);
    for (const key of known) {
      if (known.size <= REMEMBERED) break;
      known.delete(key);
    }
  }

  #known(channel: string): Promise<Set<string>> {
    let known = this.#byChannel.get(channel);
    if (known === undefined) {
      known = this.#read(channel);
      known.catch(() => this.#byChannel.delete(channel));
      this.#byChannel.set(channel, known);
    }
    return known;
  }

  async #read(channel: string): Promise<Set<string>> {
    const topic = quarantineTopic(channel);
    const keys = new Set<string>();
    const [range] = await this.log.partitions(topic);
    if (range === undefined) return keys;
    for (let from = Math.max(range.begin, range.end - REMEMBERED); ;) {
      const records = await this.log.read({ topic, partition: range.partition }, from, 1_000);
      for (const { key } of records) if (key !== null) keys.add(key);
      const last = records[records.length - 1];
      if (last === undefined) return keys;
      from = last.offset + 1;
    }
  }
}
