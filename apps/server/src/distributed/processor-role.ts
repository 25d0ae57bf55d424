import { Processor } from '@tributary/pipeline';
import { GONE_UNTAKEN } from '../stages/gone-untaken.js';
import { keepRunning } from '../stages/keep-running.js';
import { seldom } from '../stages/seldom.js';
import { Lateness, notingDecoded } from './lateness.js';
import { openOpsDoor, readinessOf } from './ops-door.js';
import { ensureTopics, type RoleBase, type RoleRuns, stageContext } from './role.js';
import { StageMetrics } from './stage-metrics.js';

/** From the log to subjects' streams; as many as there are partitions may work at once. */
export const runProcessor = async (base: RoleBase): Promise<RoleRuns> => {
  const { clock, engines, logger, opened } = base;
  const metrics = new StageMetrics('processor');
  const log = await engines.log();
  const channels = await ensureTopics(log, base);
  const lateness = new Lateness();
  const given = await stageContext(base, log);
  const context = { ...given, catalogue: notingDecoded(given.catalogue, lateness) };
  const tellOfRetry = seldom((reason, times) => logger.warn({ reason, times }, 'the processor begins anew'));
  const kept = keepRunning(
    () =>
      new Processor(context, {
        channels: channels.known(),
        onTaken: ({ topic, records, duration_ms }) => {
          kept.progressed();
          metrics.took(topic, records, duration_ms);
          lateness.tell(metrics, clock.now());
        },
        onGone: ({ topic, partition, from, to }) => {
          metrics.gone(to - from);
          logger.error({ topic, partition, from, to }, GONE_UNTAKEN);
        },
      }),
    (reason) => {
      metrics.retried();
      tellOfRetry(reason);
    },
  );
  channels.whenMore(() => kept.renew());
  opened.add('processor', kept, (it) => it.stop());
  const port = await openOpsDoor(base, {
    registry: metrics.registry,
    readiness: readinessOf('processor', kept.trouble, engines.watch()),
  });
  return { port, done: Promise.race([kept.done, channels.done]) };
};
