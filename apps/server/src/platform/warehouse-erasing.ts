import { decodeBatchTaken } from '@tributary/contracts';
import { FEED_TOPIC, INTAKE_STREAMS } from '@tributary/domain';
import { erasedTo, eraseSubjects, feedFences, intakeFences, noteErasedTo } from '@tributary/warehouse';
import { reachingRows, requireReach } from './documents-reach.js';
import { erasuresBefore, erasuresIn, SCAN, tellsOfErasure } from './erasures-in-feed.js';
import { type LoadingDeps } from './loading-deps.js';

export type ErasingDeps = Pick<LoadingDeps, 'store' | 'warehouse' | 'clock' | 'madeTo'>;

/** How far the feed has been looked through, and carried out. */
const ERASURES = 'warehouse-erasures';
/** Whose rows the erasure under way takes along. */
const OWED = 'warehouse-erasure-owes';

/** What fails has stopped the loader for it: it has so long a time to go on, before it is tried again. */
const AGAIN_MS = 5_000;

interface Owed {
  /** Offset of the last feed message looked at: while `ERASURES` is not beyond it, the rows may be missing. */
  readonly upTo: number;
  readonly customers: readonly (readonly [id: string, version: number])[];
}

/** Erasures that the feed tells of, carried out in the warehouse once everything before them is loaded. */
export class WarehouseErasing {
  readonly #deps: ErasingDeps;
  #scanned = 0;
  #looked: Promise<void> | undefined;
  #owed = new Map<string, number>();
  #owedVersion = -1;
  #notBefore_ms = 0;

  constructor(deps: ErasingDeps) {
    this.#deps = deps;
  }

  /** Offset of the feed up to which erasures are carried out. */
  async scanned(): Promise<number> {
    await this.#lookAtTables();
    return this.#scanned;
  }

  async open(): Promise<void> {
    const [done, owed] = await this.#deps.store.documents.get('checkpoint', [ERASURES, OWED]);
    this.#scanned = done?.version ?? 0;
    if (!owed) return;
    this.#owedVersion = owed.version;
    const { upTo, customers } = JSON.parse(owed.body) as Owed;
    if (this.#scanned <= upTo) this.#owed = new Map(customers);
  }

  /**
   * Looks through what the feed holds by now. Nothing loads while `alone` runs its work. Ends early when an erasure has to
   * wait for what came before it; what comes after it has no part in that, or under steady traffic it would wait for ever.
   */
  async carryOut(alone: (work: () => Promise<void>) => Promise<void>, isStopped: () => boolean): Promise<void> {
    const { store, warehouse } = this.#deps;
    if (performance.now() < this.#notBefore_ms) return;
    await this.#lookAtTables();
    while (!isStopped()) {
      const records = await store.log.read({ topic: FEED_TOPIC, partition: 0 }, this.#scanned, SCAN);
      const last = records[records.length - 1];
      if (!last) return;
      const telling = records.filter(({ value }) => tellsOfErasure(value));
      const [first] = telling;
      if (!first) {
        this.#scanned = last.offset + 1;
        continue;
      }
      this.#scanned = first.offset;
      const fed = (await feedFences(warehouse)).get(0) ?? 0;
      const due = telling.filter(({ offset }) => offset < fed);
      const upTo = due[due.length - 1]?.offset;
      const erasures = erasuresIn(due);
      if (upTo === undefined || !(await this.#factsBefore(erasures))) return;
      this.#notBefore_ms = performance.now() + AGAIN_MS;
      await alone(() => this.#erase(erasures, upTo));
      this.#notBefore_ms = 0;
      await store.documents.put([{ kind: 'checkpoint', key: ERASURES, version: upTo + 1, body: '{}' }]);
      await noteErasedTo(warehouse, upTo + 1);
      this.#owed.clear();
      this.#scanned = upTo + 1;
    }
  }

  /**
   * Tables may be others than those that the documents remember: from a backup, or new ones, which the log fills with what it
   * still holds of the erased. Then every erasure that they do not say they have seen is carried out once more. Asked late:
   * the engine may be away at the start.
   */
  #lookAtTables(): Promise<void> {
    const look = async (): Promise<void> => {
      this.#scanned = Math.min(this.#scanned, await erasedTo(this.#deps.warehouse));
    };
    this.#looked ??= look().catch((error: unknown) => {
      this.#looked = undefined;
      throw error;
    });
    return this.#looked;
  }

  /** Whether what was taken before the erasures is loaded: it must not be loaded after them. */
  async #factsBefore(erasures: ReadonlyMap<string, number>): Promise<boolean> {
    const { store, warehouse } = this.#deps;
    const last = Math.max(...erasures.values());
    const raw = (await intakeFences(warehouse)).get('raw_touchpoints') ?? -1;
    const waiting = await store.events.readAll(raw, 1_000, INTAKE_STREAMS);
    return !waiting.some(({ position, data }) => position < last && decodeBatchTaken(data).accepted > 0);
  }

  async #erase(erasures: ReadonlyMap<string, number>, upTo: number): Promise<void> {
    const { warehouse } = this.#deps;
    const reached = Math.max(...erasures.values());
    // Before rows go, and once more when those in their place are made.
    await requireReach(this.#deps, reached);
    const [feed] = await feedFences(warehouse);
    await eraseSubjects(warehouse, erasures, 'live', (customers) => this.#noteOwed(customers, upTo));
    const [partition, offset] = feed ?? [0, 0];
    const rows = reachingRows(this.#deps);
    const batches = await rows([...this.#owed.keys()], { partition, offset }, this.#owed);
    await requireReach(this.#deps, reached);
    for (const batch of batches) if (batch.rows.length > 0) await warehouse.insert(batch);
  }

  /** Rows of others go with those of the erased, and nothing in the tables tells afterwards whose they were. */
  async #noteOwed(customers: ReadonlyMap<string, number>, upTo: number): Promise<void> {
    for (const [id, version] of customers) this.#owed.set(id, Math.max(version, this.#owed.get(id) ?? 0));
    this.#owedVersion += 1;
    const owed: Owed = { upTo, customers: [...this.#owed] };
    await this.#deps.store.documents.put([
      { kind: 'checkpoint', key: OWED, version: this.#owedVersion, body: JSON.stringify(owed) },
    ]);
  }

  /** Whether the feed tells of an erasure that is still to be carried out. */
  async waits(): Promise<boolean> {
    const { log } = this.#deps.store;
    for (let offset = await this.scanned(); ;) {
      const records = await log.read({ topic: FEED_TOPIC, partition: 0 }, offset, SCAN);
      const last = records[records.length - 1];
      if (!last) return false;
      if (erasuresIn(records).size > 0) return true;
      offset = last.offset + 1;
    }
  }

  /** Every erasure that was carried out so far, as the feed tells. */
  async carriedOut(): Promise<ReadonlyMap<string, number>> {
    await this.#lookAtTables();
    return erasuresBefore(this.#scanned, this.#deps.store.log);
  }
}
