import { Projector } from '@tributary/pipeline';
import { kafkaFeed } from './kafka-feed.js';
import { keepRunning, type Stage } from './keep-running.js';
import { Lateness, notingFacts } from './lateness.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { examineDocuments } from './orders/examine-documents.js';
import { takeOrders } from './orders/take-orders.js';
import { ensureTopics, type RoleBase, type RoleRuns, stageContext } from './role.js';
import { StageMetrics } from './stage-metrics.js';

/** From events to customers and the feed: one is active, others wait for the commands' partition. */
export const runProjector = async (base: RoleBase): Promise<RoleRuns> => {
  const { clock, engines, logger, opened } = base;
  const metrics = new StageMetrics('projector');
  const log = await engines.log();
  const channels = await ensureTopics(log, base);
  const context = await stageContext(base, log);
  const lateness = new Lateness();
  const { ports } = context;
  const watched = { ...context, ports: { ...ports, events: notingFacts(ports.events, lateness) } };
  let active: Projector | null = null;
  const begin = (): Stage => {
    const feed = kafkaFeed(log.kafka, log);
    const isActive = { begin: () => ((active = projector), feed.begin()), send: feed.send };
    const projector = new Projector(watched, isActive, {
      // Asked for at each look whether anything waits, so a channel more needs no new projector.
      get channels() {
        return channels.known();
      },
      onProgress: ({ events, position, duration_ms }) => {
        kept.progressed();
        metrics.took('events', events, duration_ms);
        metrics.stands(position);
        lateness.tell(metrics, clock.now());
      },
    });
    return {
      start: () => projector.start(),
      stop: async () => {
        if (active === projector) active = null;
        await projector.stop();
        await feed.close();
      },
    };
  };
  const kept = keepRunning(begin, (reason) => {
    metrics.retried();
    logger.warn({ reason }, 'the projector begins anew');
  });
  opened.add('projector', kept, (it) => it.stop());
  const orders = takeOrders({
    documents: context.ports.documents,
    stage: 'projector',
    isOurs: () => active !== null,
    carryOut: examineDocuments(context, () => active),
  });
  opened.add('orders', orders, (it) => it.stop());
  const port = await openOpsDoor(base, {
    registry: metrics.registry,
    readiness: readinessOf('projector', kept.trouble),
  });
  return { port, done: Promise.race([kept.done, orders.done, channels.done]) };
};
