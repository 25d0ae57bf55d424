import { randomUUID } from 'node:crypto';
import { loadIdentityRules, loadLifecycleRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { type Log } from '@tributary/kernel';
import { projectionState, PROJECTOR_GROUP, rebuildWatch } from '@tributary/pipeline';
import { openProfiles } from '@tributary/query';
import { createApi } from '../create-server.js';
import { lagIfKnown, SCRAPE_PATIENCE_MS } from '../ops/lag-if-known.js';
import { SettledItems } from '../ops/quarantine/settled-items.js';
import { endInput, REMAINING_IN_KAFKA } from '../platform/end-input.js';
import { logCommands } from '../platform/log-commands.js';
import { platformStats } from '../platform/platform-stats.js';
import { rawLoadedTo, waitingForWarehouse } from '../platform/warehouse-lag.js';
import { feedAsTold } from '../stages/feed-as-told.js';
import { projectorLag } from '../stages/projector-lag.js';
import { oneAtATime } from '../ops/one-at-a-time.js';
import { orderedOperations } from './orders/ordered-operations.js';
import { ensureTopics, type RoleBase, type RoleRuns } from './role.js';

const REBUILDING = 'being rebuilt: answers may be of the past';

/** Reads, commands, the feed, the page; holds nothing, so any number may run. */
export const runApi = async (base: RoleBase): Promise<RoleRuns> => {
  const { bind, engines, keys, named, settings, clock, logger, opened } = base;
  const lookupKey = engines.lookupKey();
  const log: Log = await engines.log();
  const followed = await ensureTopics(log, base);
  const [events, { documents }, vault] = [await engines.events(), await engines.profiles(), await engines.vault(log)];
  const warehouse = settings.warehouseUrl === undefined ? null : await engines.warehouse(false);
  const catalogue = openCatalogue();
  const identityRules = loadIdentityRules({ lookupKey });
  const identify = makeIdentify({ lookupKey, rules: identityRules });
  const projector = projectorLag(events, documents);
  const loader =
    warehouse &&
    lagIfKnown(['facts', 'customers'], () => waitingForWarehouse({ log, events }, warehouse), SCRAPE_PATIENCE_MS);
  const watch = engines.watch();
  const settled = new SettledItems(log);
  const server = await createApi({
    bind,
    log,
    toldFeed: feedAsTold(log, documents),
    catalogue,
    identify,
    profiles: openProfiles({
      events,
      documents,
      vault,
      catalogue,
      identify,
      identityRules,
      lifecycleRules: loadLifecycleRules(),
      clock,
    }),
    rebuilding: rebuildWatch(documents, events),
    commands: logCommands(log, documents, clock),
    operations: oneAtATime(
      orderedOperations({
        documents,
        clock,
        newId: randomUUID,
        hasWarehouse: warehouse !== null,
        endRetention: endInput({
          log,
          events,
          loadedTo: warehouse && (() => rawLoadedTo(warehouse)),
          channels: followed.known,
          remaining: REMAINING_IN_KAFKA,
        }),
      }),
    ),
    keys,
    channels: named,
    settled,
    stats: platformStats({
      store: { log, events, documents },
      settled,
      commandGroup: PROJECTOR_GROUP,
      channels: followed.known,
      titleOf: (channel) => named.titleOf(channel),
      lagBeyond: async () => ({ projector: await projector(), ...(await loader?.()) }),
      clock,
      startedAt: new Date(clock.now()).toISOString(),
    }),
    readiness: async () => {
      const checks = watch.checks();
      // Without documents there is no answer at all. Without another engine there are some, so it may be asked all the same …
      if (checks['profiles'] !== 'ok') return { ready: false, checks };
      const state = await projectionState(documents);
      // … and stale answers are better than none.
      return { ready: true, checks: { ...checks, ...(state?.rebuilding && { profiles: REBUILDING }) } };
    },
    clock,
    newId: randomUUID,
    logger,
  });
  opened.add('server', server, (it) => it.close());
  return { port: await server.listen(), done: followed.done };
};
