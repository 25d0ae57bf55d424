import { Projector } from '@tributary/pipeline';
import { kafkaFeed } from './kafka-feed.js';
import { keepRunning, type Stage } from './keep-running.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { ensureTopics, type RoleBase, type RoleRuns, stageContext } from './role.js';
import { StageMetrics } from './stage-metrics.js';

/** From events to customers and the feed: one is active, others wait for the commands' partition. */
export const runProjector = async (base: RoleBase): Promise<RoleRuns> => {
  const { channels, engines, logger, opened } = base;
  const metrics = new StageMetrics('projector');
  const log = await engines.log();
  await ensureTopics(log, base);
  const context = await stageContext(base, log);
  const begin = (): Stage => {
    const feed = kafkaFeed(log.kafka, log);
    const projector = new Projector(context, feed, {
      channels,
      onProgress: ({ events, position, duration_ms }) => {
        kept.progressed();
        metrics.took('events', events, duration_ms);
        metrics.stands(position);
      },
    });
    return {
      start: () => projector.start(),
      stop: async () => {
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
  const port = await openOpsDoor(base, {
    registry: metrics.registry,
    readiness: readinessOf('projector', kept.trouble),
  });
  return { port, done: kept.done };
};
