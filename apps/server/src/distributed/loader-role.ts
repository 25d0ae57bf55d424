import { openCatalogue } from '@tributary/contracts';
import { COMMAND_TOPIC } from '@tributary/domain';
import { EngineError, type EventStore, type Log } from '@tributary/kernel';
import { documentsMadeTo, rebuildWatch } from '@tributary/pipeline';
import { type RedisStore } from '@tributary/redis';
import { requireInLine } from '../platform/bring-into-line.js';
import { WarehouseLoading } from '../platform/warehouse-loading.js';
import { feedAsMade } from '../stages/feed-as-made.js';
import { tellingInserts } from './lateness.js';
import { onlyOurs } from './only-ours.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { takeOrders } from './orders/take-orders.js';
import { ensureTopics, type RoleBase, type RoleRuns } from './role.js';
import { StageMetrics } from './stage-metrics.js';
import { seldom } from '../stages/seldom.js';
import { Trouble } from '../stages/trouble.js';
import { type Tenure, whileOurs } from './while-ours.js';

const LOADER_GROUP = 'loader';

const GONE =
  'touchpoints were dropped by the log’s retention before they were loaded: profiles have them, these tables do not';

interface Sources {
  readonly log: Log;
  readonly events: EventStore;
  readonly profiles: RedisStore;
  readonly metrics: StageMetrics;
}

interface Turn {
  readonly isOurs: () => boolean;
  readonly onRetry: (reason: string) => void;
  readonly onTrouble: (reason: string) => void;
}

interface Loads extends Tenure {
  readonly loading: WarehouseLoading;
}

/** From the log, the events and the feed to ClickHouse. One works, for rows are fenced by what the tables hold; others wait. */
export const runLoader = async (base: RoleBase): Promise<RoleRuns> => {
  const { engines, logger, opened, settings } = base;
  const metrics = new StageMetrics('loader');
  const log = await engines.log();
  const channels = await ensureTopics(log, base);
  const [events, profiles] = [await engines.events(), await engines.profiles()];
  const warehouse = await engines.warehouse(false);
  await engines.reach('warehouse', settings.warehouseUrl, () => warehouse.migrate());
  const trouble = new Trouble();
  let fail!: (error: Error) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const tellOfRetry = seldom((why, times) =>
    logger.warn({ reason: why, times }, 'a batch was not loaded; it is tried again'),
  );
  const onRetry = (reason: string): void => {
    metrics.retried();
    trouble.failed(reason);
    tellOfRetry(reason);
  };
  const onTrouble = (reason: string): void => {
    fail(new Error(`the warehouse stopped loading: ${reason}`));
  };
  const turn = opened.add('turn', log.kafka.turn(LOADER_GROUP, COMMAND_TOPIC), (it) => it.stop());
  const working = whileOurs<Loads>({
    turn,
    begin: (isOurs) => load(base, { log, events, profiles, metrics }, { isOurs, onRetry, onTrouble }),
    onRetry,
    onTurn: (state) =>
      logger.info(state === 'begins' ? 'this loader has its turn, and loads' : 'this loader lost its turn, and waits'),
  });
  metrics.lags(async () => (await working.current()?.loading.lag()) ?? {});
  const orders = takeOrders({
    documents: profiles.documents,
    stage: 'loader',
    isOurs: async () => working.current() !== null,
    carryOut: async (order) => {
      const ours = working.current();
      if (!ours) throw new EngineError('warehouse', 'retriable', 'another loader has its turn; order it again');
      return ours.loading.again(order === 'rebuild');
    },
  });
  // Closed after the loader: that ends what it is at.
  opened.add('orders', orders, (it) => it.stop());
  opened.add('loader', working, (it) => it.stop());
  const port = await openOpsDoor(base, {
    registry: metrics.registry,
    readiness: readinessOf('loader', () => trouble.reason, engines.watch()),
  });
  return { port, done: Promise.race([failed, working.done, orders.done, channels.done]) };
};

/** One turn: with a connection of its own, which first ends what whoever loaded before has left under way. */
const load = async (
  { engines, clock, logger }: RoleBase,
  { log, events, profiles, metrics }: Sources,
  { isOurs, onRetry, onTrouble }: Turn,
): Promise<Loads> => {
  const { documents } = profiles;
  const warehouse = await engines.loadingWarehouse();
  const loading = new WarehouseLoading({
    store: { log: feedAsMade(log, documents), events, documents },
    catalogue: openCatalogue(),
    warehouse: tellingInserts(onlyOurs(warehouse, isOurs), metrics, () => clock.now()),
    clock,
    madeTo: () => documentsMadeTo(documents),
    rebuilding: rebuildWatch(documents, events),
    onMissing: (touchpoints) => {
      metrics.gone(touchpoints);
      logger.error({ touchpoints }, GONE);
    },
    onRetry,
    onTrouble,
  });
  const stop = async (): Promise<void> => {
    await loading.stop();
    await warehouse.close();
  };
  try {
    await requireInLine(warehouse, log, events);
    await loading.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return { loading, stop };
};
