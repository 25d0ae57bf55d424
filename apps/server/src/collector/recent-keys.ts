import { quarantineTopic } from '@tributary/domain';
import { type Log, type LogRecord } from '@tributary/kernel';

/**
 * So many of a channel's newest quarantine keys are remembered: far more than an importer has under way. Of a file with
 * more bad rows that is taken again from its beginning, those stand there again (the help of `tributary import` says so).
 */
const REMEMBERED = 20_000;

type Kept = Promise<unknown>;

/**
 * An importer that crashed before its checkpoint sends the same rows again, and two may send those of one file at once:
 * what stands in quarantine already, or is on its way there, is known by its key.
 */
export class RecentKeys {
  readonly #byChannel = new Map<string, Promise<Set<string>>>();
  /** Keys of what is becoming durable, by channel, with the promise of it. */
  readonly #underWay = new Map<string, Map<string, Kept>>();

  constructor(readonly log: Log) {}

  /**
   * Hands what is not known to `keep`, and resolves with how many that were when all of `records` is durable: also what
   * another call has under way. If that fails, this call does, for nobody may be told that it stands; sent again, it is kept.
   */
  async keepOnce(
    channel: string,
    records: readonly LogRecord[],
    keep: (fresh: readonly LogRecord[]) => Promise<void>,
  ): Promise<number> {
    const known = await this.#known(channel);
    const underWay = this.#underWayOf(channel);
    const [fresh, own, others]: [LogRecord[], Set<string>, Set<Kept>] = [[], new Set(), new Set()];
    for (const record of records) {
      const { key } = record;
      const other = key === null ? undefined : underWay.get(key);
      if (other) others.add(other);
      if (key !== null && (other || known.has(key) || own.has(key))) continue;
      if (key !== null) own.add(key);
      fresh.push(record);
    }
    // From the look to here nothing was awaited: no other call sees the keys before they are taken.
    const kept = keep(fresh);
    for (const key of own) underWay.set(key, kept);
    try {
      await kept;
      remember(known, own);
    } finally {
      for (const key of own) underWay.delete(key);
    }
    await Promise.all(others);
    return fresh.length;
  }

  #underWayOf(channel: string): Map<string, Kept> {
    let underWay = this.#underWay.get(channel);
    if (underWay === undefined) this.#underWay.set(channel, (underWay = new Map()));
    return underWay;
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

const remember = (known: Set<string>, keys: Iterable<string>): void => {
  for (const key of keys) known.add(key);
  for (const key of known) {
    if (known.size <= REMEMBERED) break;
    known.delete(key);
  }
};
