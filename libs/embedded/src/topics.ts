import { EngineError } from '@tributary/kernel';
import { ENGINE } from './engine.js';
import { type Reads } from './store-reader.js';

/** What a frame needs to know of topics: the numbers that stand for their partitions. */
export interface PartitionNumbers {
  idsOf(topic: string): readonly number[];
  /** Counts calls, so that records without a key go round. */
  turn(): number;
}

/** What this thread knows of topics. A topic never changes its partitions, so what is known stays true. */
export class Topics implements PartitionNumbers {
  readonly #ids = new Map<string, readonly number[]>();
  #turns = 0;

  constructor(readonly reads: Reads) {}

  /** To be awaited before `idsOf` is asked for these topics. */
  async learn(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) {
      if (this.#ids.has(topic)) continue;
      const rows = await this.reads.partitions(topic);
      if (rows.length > 0)
        this.#ids.set(
          topic,
          rows.map(({ id }) => id),
        );
    }
  }

  knows(topic: string): boolean {
    return this.#ids.has(topic);
  }

  idsOf(topic: string): readonly number[] {
    return this.#ids.get(topic) ?? [];
  }

  /** The number of a partition that must exist. */
  async id(topic: string, partition: number): Promise<number> {
    await this.learn([topic]);
    const id = this.idsOf(topic)[partition];
    if (id === undefined) throw new EngineError(ENGINE, 'fatal', `topic ${topic} has no partition ${partition}`);
    return id;
  }

  turn(): number {
    return this.#turns++;
  }
}
