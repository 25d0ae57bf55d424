import { QUARANTINE_SETTLED_TOPIC, quarantineTopic } from '@tributary/domain';
import { type Log, type PartitionRange } from '@tributary/kernel';
import { OffsetSet } from './offset-set.js';

/** What became of an item: it was sent again and understood, or somebody decided that it is not wanted. */
export type SettledAs = 'replayed' | 'discarded';

/** What stands in the topic `quarantine-settled`, as JSON text. Items stay where they are: a log forgets by age alone. */
export interface Settlement {
  readonly channel: string;
  readonly offsets: readonly number[];
  readonly as: SettledAs;
  /** ISO 8601. */
  readonly at: string;
  /** The kind of key with which it was decided. */
  readonly by: string;
  readonly reason?: string;
}

/** All that wait no longer, and those among them that were replayed: the others were discarded. */
export interface SettledOffsets {
  readonly settled: OffsetSet;
  readonly replayed: OffsetSet;
}

const PAGE = 500;

/**
 * Which items of the quarantine wait no longer: a projection of the topic, read on at each question, so that every process
 * says the same. Offsets mean something beside the topics they are of alone: whoever makes those anew makes this anew.
 */
export class SettledItems {
  readonly #channels = new Map<string, SettledOffsets>();
  #next = 0;
  #reading: Promise<void> = Promise.resolve();

  constructor(readonly log: Pick<Log, 'partitions' | 'read' | 'append'>) {}

  async of(channel: string): Promise<SettledOffsets> {
    await this.#readOn();
    return this.#offsetsOf(channel);
  }

  /** Of each channel: how much was ever put aside, at the doors, by an importer or by the pipeline; and how much of it waits. */
  async counts(channels: readonly string[]): Promise<readonly { readonly ever: number; readonly held: number }[]> {
    const [ranges] = await Promise.all([
      Promise.all(channels.map((channel) => this.log.partitions(quarantineTopic(channel)))),
      this.#readOn(),
    ]);
    return channels.map((channel, i) => {
      const { settled } = this.#offsetsOf(channel);
      let [ever, held] = [0, 0];
      for (const { begin, end } of ranges[i] ?? []) {
        ever += end;
        held += end - begin - settled.count(begin, end);
      }
      return { ever, held };
    });
  }

  /** Resolves when it is durable. */
  async settle(settlement: Settlement): Promise<void> {
    const value = new TextEncoder().encode(JSON.stringify(settlement));
    const record = { key: settlement.channel, value, timestamp_ms: Date.parse(settlement.at) };
    await this.log.append([{ topic: QUARANTINE_SETTLED_TOPIC, records: [record] }]);
  }

  /** One after the other, and never a reading that began before it was asked: who just settled must see it. */
  #readOn(): Promise<void> {
    return (this.#reading = this.#reading.catch(() => undefined).then(() => this.#read()));
  }

  async #read(): Promise<void> {
    const [range] = await this.log.partitions(QUARANTINE_SETTLED_TOPIC);
    if (range === undefined) return;
    while (this.#next < range.end && (await this.#readPage(range)));
  }

  async #readPage(range: PartitionRange): Promise<boolean> {
    const records = await this.log.read(range, this.#next, PAGE);
    for (const { offset, value } of records) {
      const { channel, offsets, as } = JSON.parse(new TextDecoder().decode(value)) as Settlement;
      const { settled, replayed } = this.#offsetsOf(channel);
      for (const each of offsets) settled.add(each);
      if (as === 'replayed') for (const each of offsets) replayed.add(each);
      this.#next = offset + 1;
    }
    return records.length > 0;
  }

  #offsetsOf(channel: string): SettledOffsets {
    const known = this.#channels.get(channel);
    if (known) return known;
    const made = { settled: new OffsetSet(), replayed: new OffsetSet() };
    this.#channels.set(channel, made);
    return made;
  }
}
