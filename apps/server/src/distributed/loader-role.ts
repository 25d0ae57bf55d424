import { openCatalogue } from '@tributary/contracts';
import { documentsMadeTo } from '@tributary/pipeline';
import { patiently } from '../engines/patiently.js';
import { WarehouseLoading } from '../platform/warehouse-loading.js';
import { feedAsMade } from './feed-as-made.js';
import { tellingInserts } from './lateness.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { takeOrders } from './orders/take-orders.js';
import { ensureTopics, type RoleBase, type RoleRuns } from './role.js';
import { StageMetrics } from './stage-metrics.js';

/** From the log, the events and the feed to ClickHouse. One at a time: rows are fenced by what the tables hold. */
export const runLoader = async (base: RoleBase): Promise<RoleRuns> => {
  const { engines, clock, logger, opened } = base;
  const metrics = new StageMetrics('loader');
  const log = await engines.log();
  const channels = await ensureTopics(log, base);
  const [events, profiles] = [await engines.events(), await engines.profiles()];
  const warehouse = await engines.warehouse(true);
  await patiently(() => warehouse.migrate(), { signal: engines.signal });
  let trouble: string | null = null;
  let fail!: (error: Error) => void;
  const done = new Promise<never>((_, reject) => (fail = reject));
  done.catch(() => undefined);
  const loading = new WarehouseLoading({
    store: { log: feedAsMade(log, profiles.documents), events, documents: profiles.documents },
    catalogue: openCatalogue(),
    warehouse: tellingInserts(warehouse, metrics, () => clock.now()),
    clock,
    madeTo: () => documentsMadeTo(profiles.documents),
    onRetry: (reason) => {
      metrics.retried();
      logger.warn({ reason }, 'the warehouse did not take a batch; it is tried again');
    },
    onTrouble: (reason) => {
      trouble ??= reason;
      fail(new Error(`the warehouse stopped loading: ${reason}`));
    },
  });
  await loading.start();
  metrics.lags(() => loading.lag());
  const orders = takeOrders({
    documents: profiles.documents,
    stage: 'loader',
    isOurs: async () => true,
    carryOut: (order) => loading.again(order === 'rebuild'),
  });
  // Closed after the loader: that ends what it is at.
  opened.add('orders', orders, (it) => it.stop());
  opened.add('loader', loading, (it) => it.stop());
  const port = await openOpsDoor(base, { registry: metrics.registry, readiness: readinessOf('loader', () => trouble) });
  return { port, done: Promise.race([done, orders.done, channels.done]) };
};
