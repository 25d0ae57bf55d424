import { ProcessingTime, Projector } from '@tributary/pipeline';
import { tellOfLeap } from '../platform/clock-leap.js';
import { kafkaFeed } from '../stages/kafka-feed.js';
import { keepRunning, type Stage } from '../stages/keep-running.js';
import { seldom } from '../stages/seldom.js';
import { Lateness, notingFacts } from './lateness.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { ActiveProjector } from './orders/active-projector.js';
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
  const active = new ActiveProjector(ports.documents);
  const time = new ProcessingTime(clock, (leap_ms) => tellOfLeap(logger, leap_ms));
  const begin = (): Stage => {
    const feed = kafkaFeed(log.kafka, log);
    const projector: Projector = new Projector(
      watched,
      active.feedOf(() => projector, feed),
      {
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
        time,
      },
    );
    return {
      start: () => projector.start(),
      stop: async () => {
        active.ended(projector);
        await projector.stop();
        await feed.close();
      },
    };
  };
  const tellOfRetry = seldom((reason, times) => logger.warn({ reason, times }, 'the projector begins anew'));
  const kept = keepRunning(begin, (reason) => {
    metrics.retried();
    tellOfRetry(reason);
  });
  opened.add('projector', kept, (it) => it.stop());
  const orders = takeOrders({
    documents: context.ports.documents,
    stage: 'projector',
    isOurs: async () => (await active.get()) !== null,
    carryOut: examineDocuments(context, () => active.get()),
  });
  opened.add('orders', orders, (it) => it.stop());
  const port = await openOpsDoor(base, {
    registry: metrics.registry,
    readiness: readinessOf('projector', kept.trouble, engines.watch()),
  });
  return { port, done: Promise.race([kept.done, orders.done, channels.done]) };
};
