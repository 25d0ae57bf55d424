import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '@tributary/kernel';
import { openCatalogue } from '@tributary/contracts';
import { afterWork, collectGarbage, connectEmbedded } from '@tributary/embedded';
import { documentsMadeTo, rebuildWatch } from '@tributary/pipeline';
import { brokenParts, linkFolder, openChdbWarehouse } from '@tributary/warehouse';
import { feedAsMade } from './stages/feed-as-made.js';
import { isFused, keepsOffsets, mixEngines } from './engines/mixed.js';
import { workerEngines } from './engines/worker-engines.js';
import { inBackground } from './platform/background.js';
import { openSqlDoor } from './platform/sql-door.js';
import { systemClock } from './platform/system-clock.js';
import { failedBy } from './platform/thread-failure.js';
import { rawLoadedTo } from './platform/warehouse-lag.js';
import { WarehouseLoading } from './platform/warehouse-loading.js';
import { type WarehouseOrder, type WarehouseReport, type WarehouseStart } from './platform/warehouse-messages.js';

/** The warehouse's thread: chDB (in a thread of its own below this one), the loader, and the SQL door. */
const start = workerData as WarehouseStart;
const main = parentPort;
if (main === null) throw new Error('warehouse-worker runs as a worker thread');
const report = (message: WarehouseReport): void => main.postMessage(message);

inBackground(19);
const engines = workerEngines(start, (wait) => report({ report: 'waiting', wait }));
const mixed = await mixEngines(await connectEmbedded({ dir: start.dataDir, port: start.port, reads: 'here' }), engines);
const fused = isFused(start.engines);
const store = fused ? mixed.store : { ...mixed.store, log: feedAsMade(mixed.store.log, mixed.store.documents) };
const chdb =
  start.engines.warehouseUrl === undefined
    ? await openChdbWarehouse({
        path: join(start.dataDir, 'clickhouse'),
        memory_bytes: start.plan.warehouse_bytes,
        onHeld: (held, placesLeft) => report({ report: 'held', held, placesLeft }),
      })
    : null;
const warehouse = chdb ?? (await engines.warehouse(true));
await warehouse.migrate();
if (chdb) {
  const tables = await brokenParts(chdb);
  if (Object.keys(tables).length > 0) report({ report: 'broken', tables });
}
const loading = new WarehouseLoading({
  store,
  catalogue: openCatalogue(),
  warehouse,
  clock: systemClock,
  ...(keepsOffsets(start.engines) ? { sink: store.sink } : {}),
  ...(fused
    ? {}
    : {
        madeTo: () => documentsMadeTo(mixed.store.documents),
        rebuilding: rebuildWatch(mixed.store.documents, mixed.store.events),
      }),
  ...(fused && chdb ? { onTakenBack: (facts: number) => report({ report: 'taken back', facts }) } : {}),
  ...(fused && !chdb ? { onAhead: () => report({ report: 'ahead' }) } : {}),
  onMissing: (touchpoints) => report({ report: 'missing', touchpoints }),
  onRetry: (message) => report({ report: 'retrying', message }),
  onTrouble: (message) => report({ report: 'trouble', message }),
});
await loading.start();

// A ClickHouse server has a door of its own.
const listener = chdb && (await openSqlDoor(chdb, start, systemClock));

/** How long what failed by a bug is waited for. */
const BROKEN_PATIENCE_MS = 30_000;

let stopping: Promise<void> | undefined;
const stop = (): Promise<void> =>
  (stopping ??= (async () => {
    await listener?.close();
    await loading.stop();
    await chdb?.close().catch((error: unknown) => report({ report: 'unclosed', message: messageOf(error) }));
    await engines.opened.close();
    await store.close();
  })());

// A bug: a thread that ended on the spot would wait for the questions that the engine is at, for as long as they take.
process.on('uncaughtException', (bug) => {
  report({ report: 'trouble', message: messageOf(bug) });
  const unclosed = (error: unknown): void => report({ report: 'unclosed', message: messageOf(error) });
  const over = (): void => {
    clearTimeout(late);
    report({ report: 'ended' });
    main.close();
  };
  const late = setTimeout(() => (unclosed(bug), over()), BROKEN_PATIENCE_MS);
  void stop().catch(unclosed).then(over);
});

main.on('message', (message: WarehouseOrder) => {
  void (async () => {
    try {
      switch (message.order) {
        case 'lag':
          return report({ report: 'answered', call: message.call, answer: await loading.lag() });
        case 'loaded':
          return report({ report: 'answered', call: message.call, answer: await rawLoadedTo(warehouse) });
        case 'verify':
        case 'rebuild':
          return report({
            report: 'answered',
            call: message.call,
            answer: await loading.again(message.order === 'rebuild'),
          });
        case 'link':
          await loading.still(() => linkFolder(join(start.dataDir, 'clickhouse'), message.into));
          return report({ report: 'answered', call: message.call, answer: null });
        case 'stop':
          await stop();
          report({ report: 'answered', call: message.call, answer: null });
          return main.close();
        default:
          return message satisfies never;
      }
    } catch (error) {
      report({ report: 'failed', call: message.call, ...failedBy(error) });
    }
  })();
});
afterWork(collectGarbage);
report({ report: 'started', sqlPort: listener?.port ?? 0 });
