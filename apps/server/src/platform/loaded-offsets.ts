import { decodeBatchTaken } from '@tributary/contracts';
import { intakeStream, touchpointTopic } from '@tributary/domain';
import { type EffectSink, mayPass, noEffects, partitionName, type TopicPartition } from '@tributary/kernel';
import { readCensus } from '@tributary/pipeline';
import { intakeFences } from '@tributary/warehouse';
import { type LoadingDeps } from './loading-deps.js';

/** The consumer group that the warehouse is to the log: input that it has not loaded outlives its retention. */
export const WAREHOUSE_GROUP = 'warehouse';

type Offset = TopicPartition & { readonly next: number };

const PAGE = 1_000;

/**
 * How far the warehouse has come, kept as offsets of a consumer group. They only hold back the log's retention: where to go
 * on stands in the tables themselves. A channel is entered as soon as it is counted, before anything of it is loaded, so
 * that a warehouse which is away from the beginning on misses nothing.
 */
export class LoadedOffsets {
  readonly #deps: Pick<LoadingDeps, 'store' | 'warehouse'>;
  readonly #sink: Pick<EffectSink, 'commit'>;
  readonly #entered = new Set<string>();
  /** Entered while the engine did not say what it holds: to be said again. */
  readonly #unsure = new Set<string>();
  #noted = new Map<string, Offset>();

  constructor(deps: Pick<LoadingDeps, 'store' | 'warehouse'>, sink: Pick<EffectSink, 'commit'>) {
    this.#deps = deps;
    this.#sink = sink;
  }

  /** Loaded, to be kept with the next `keep`. */
  note(offsets: readonly Offset[]): void {
    for (const offset of offsets) this.#noted.set(partitionName(offset), offset);
  }

  /** Keeps what was noted, and enters channels that were counted since. */
  async keep(): Promise<void> {
    const noted = this.#noted;
    this.#noted = new Map();
    await this.#commit([...noted.values()]);
    const { documents, log } = this.#deps.store;
    for (const topic of Object.keys((await readCensus(documents)).channels).map(touchpointTopic)) {
      if (this.#entered.has(topic)) continue;
      this.#entered.add(topic);
      for (const { partition, begin } of await log.partitions(topic)) await this.#enter({ topic, partition }, begin);
    }
  }

  async #enter(at: TopicPartition, begin: number): Promise<void> {
    const kept = await this.#deps.store.log.committed(WAREHOUSE_GROUP, at);
    if (kept !== undefined && !this.#unsure.has(partitionName(at))) return;
    const loaded = await this.#loadedTo(at);
    if (loaded === undefined) {
      this.#unsure.add(partitionName(at));
      this.#entered.delete(at.topic);
    } else this.#unsure.delete(partitionName(at));
    const next = Math.max(kept ?? begin, loaded ?? 0);
    if (next !== kept) await this.#commit([{ ...at, next }]);
  }

  /** What the tables held before offsets were kept; `undefined`: the engine is away. */
  async #loadedTo(at: TopicPartition): Promise<number | undefined> {
    const { store, warehouse } = this.#deps;
    let loaded = -1;
    try {
      loaded = (await intakeFences(warehouse)).get('raw_touchpoints') ?? -1;
    } catch (error) {
      if (mayPass(error)) return undefined;
      throw error;
    }
    for (let next = 0, revision = 0; ; revision += PAGE) {
      const page = await store.events.readStream(intakeStream(at.topic, at.partition), revision, PAGE);
      for (const { position, data } of page) {
        if (position > loaded) return next;
        next = decodeBatchTaken(data).to + 1;
      }
      if (page.length < PAGE) return next;
    }
  }

  async #commit(offsets: readonly Offset[]): Promise<void> {
    if (offsets.length === 0) return;
    const ours = offsets.map((offset) => ({ ...offset, group: WAREHOUSE_GROUP }));
    await this.#sink.commit({ ...noEffects, offsets: ours });
  }
}
