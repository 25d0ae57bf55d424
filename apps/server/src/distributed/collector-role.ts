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
  const server = await createDoors({
    bind,
    log,
    catalogue: openCatalogue(),
    identify: makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) }),
    keys,
    channels: named,
    readiness: () => {
      const full = log.pressure() >= 1;
      return { ready: !full, checks: { log: full ? 'as much waits to be written as may' : 'ok' } };
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
