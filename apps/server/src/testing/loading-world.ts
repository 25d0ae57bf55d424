import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCatalogue } from '@tributary/contracts';
import {
  type BatchTaken,
  emptyState,
  FEED_TOPIC,
  intakeStream,
  newCustomer,
  newSubject,
  touchpointTopic,
} from '@tributary/domain';
import { customerNamedAfter, manualClock, SubjectId, type Warehouse } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import { type ChdbWarehouse, openChdbWarehouse } from '@tributary/warehouse';
import { type LoadingDeps } from '../platform/loading-deps.js';
import { WarehouseLoading } from '../platform/warehouse-loading.js';

export const topic = touchpointTopic('shop');
export const catalogue = openCatalogue();
export const [ann, bea] = [SubjectId(`s_${'a'.repeat(32)}`), SubjectId(`s_${'b'.repeat(32)}`)];
const clock = manualClock(Date.UTC(2026, 0, 1));

export const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
};

export const emptyStore = async (): Promise<MemoryStore> => {
  const store = memoryStore();
  await store.log.ensureTopics([FEED_TOPIC, topic].map((name) => ({ name, partitions: 1 })));
  return store;
};

/** A loader between a store in memory, which a spec fills as the pipeline would, and tables of a real engine. */
export class LoadingWorld {
  loading: WarehouseLoading | undefined;
  /** Number of the last message of the feed. */
  told = 0;
  /** Version of the documents that were written last. */
  written = 0;

  private constructor(
    readonly dir: string,
    readonly warehouse: ChdbWarehouse,
    public store: MemoryStore,
  ) {}

  static async open(): Promise<LoadingWorld> {
    const dir = await mkdtemp(join(tmpdir(), 'tributary-loading-'));
    const warehouse = await openChdbWarehouse({ path: dir });
    await warehouse.migrate();
    return new LoadingWorld(dir, warehouse, await emptyStore());
  }

  async close(): Promise<void> {
    await this.stop();
    await this.warehouse.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  async stop(): Promise<void> {
    await this.loading?.stop();
  }

  /** Begins to load, in place of whoever did. */
  async load(
    into: Warehouse = this.warehouse,
    more: Partial<LoadingDeps> = {},
  ): Promise<{ readonly trouble: string[] }> {
    const trouble: string[] = [];
    await this.stop();
    this.loading = new WarehouseLoading({
      store: this.store,
      sink: this.store.sink,
      catalogue,
      warehouse: into,
      clock,
      onRetry: () => undefined,
      onTrouble: (message) => trouble.push(message),
      ...more,
    });
    await this.loading.start();
    return { trouble };
  }

  again(rebuild: boolean): ReturnType<WarehouseLoading['again']> {
    return (this.loading as WarehouseLoading).again(rebuild);
  }

  lag(): ReturnType<WarehouseLoading['lag']> {
    return (this.loading as WarehouseLoading).lag();
  }

  async idle(): Promise<void> {
    await until(async () => Object.values(await this.lag()).every((waiting) => waiting === 0));
  }

  async known(): Promise<string[]> {
    const all = 'SELECT customer_id FROM dim_customer ORDER BY customer_id';
    return (await this.warehouse.query<{ customer_id: string }>(all)).map(({ customer_id }) => customer_id);
  }

  async tell(subject: SubjectId, type: string, data: object = {}): Promise<void> {
    const sequence = (this.told += 1);
    const message = { id: `m${sequence}`, type, customerId: customerNamedAfter(subject), at: '', sequence, data };
    const value = new TextEncoder().encode(JSON.stringify(message));
    await this.store.log.append([{ topic: FEED_TOPIC, records: [{ key: null, value, timestamp_ms: 0 }] }]);
  }

  async hold(subject: SubjectId, members: readonly SubjectId[]): Promise<void> {
    const version = (this.written += 1);
    const id = customerNamedAfter(subject);
    const own = { ...newSubject(subject, 'phone', id), state: { ...emptyState(), touchpoints: 1, first: 1, last: 1 } };
    await this.store.documents.put([
      { kind: 'subject', key: subject, version, body: JSON.stringify(own) },
      { kind: 'customer', key: id, version, body: JSON.stringify(newCustomer(id, members)) },
    ]);
  }

  /** One touchpoint of Bea, as the pipeline takes it. */
  async take(n: number): Promise<void> {
    const { log, events } = this.store;
    const value = catalogue.encode({
      type: 'searched',
      channel: 'shop',
      messageId: `t${n}`,
      occurredAt: n,
      receivedAt: n,
      identifiers: [{ type: 'phone', value: '+8613912345678', subject: bea }],
      payload: { query: 'kettle' },
    });
    await log.append([{ topic, records: [{ key: bea, value, timestamp_ms: n }] }]);
    const stream = intakeStream(topic, 0);
    const offset = (await events.readStream(stream, 0, 100_000)).length;
    const taken: BatchTaken = {
      type: 'BatchTaken',
      topic,
      partition: 0,
      from: offset,
      to: offset,
      accepted: 1,
      duplicates: [],
      quarantined: [],
    };
    const event = {
      id: `00000000-0000-8000-8000-${String(offset).padStart(12, '0')}`,
      type: taken.type,
      data: new TextEncoder().encode(JSON.stringify(taken)),
      metadata: { recordedAt: n },
    };
    await events.append([{ stream, expectedRevision: offset - 1, events: [event] }]);
  }
}
