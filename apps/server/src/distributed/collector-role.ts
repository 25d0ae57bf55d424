import { randomUUID } from 'node:crypto';
import { loadIdentityRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { createDoors } from '../create-server.js';
import { RETENTION_MS } from '../platform/retention.js';
import { ensureTopics, type RoleBase, type RoleRuns } from './role.js';

/** The doors in, over Kafka; any number may stand behind a load balancer. */
export const runCollector = async (base: RoleBase): Promise<RoleRuns> => {
  const { bind, engines, keys, named, settings, clock, logger, opened } = base;
  const lookupKey = engines.lookupKey();
  const log = await engines.kafka();
  const channels = await ensureTopics(log, base);
  const watch = engines.watch();
  const server = await createDoors({
    bind,
    log,
    catalogue: openCatalogue(),
    identify: makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) }),
    keys,
    channels: named,
    readiness: () => {
      const found = watch.checks()['log'] ?? 'ok';
      const state = found === 'ok' && log.pressure() >= 1 ? 'as much waits to be written as may' : found;
      return { ready: state === 'ok', checks: { log: state } };
    },
    pressure: () => log.pressure(),
    topic: { partitions: settings.partitions, retention_ms: RETENTION_MS },
    clock,
    newId: randomUUID,
    logger,
  });
  opened.add('server', server, (it) => it.close());
  return { port: await server.listen(), done: channels.done };
};
