import { type Readiness } from '../ops/platform-stats.js';
import { type Stages } from './start-stages.js';

/** Whether each stage does its work, or what keeps it. */
export const stagesReadiness = ({ pipeline, warehouse, readers, relay }: Stages): Readiness => {
  const checks = {
    pipeline: pipeline.trouble() ?? 'ok',
    warehouse: warehouse.trouble() ?? 'ok',
    ...(readers ? { reads: readers.trouble() ?? 'ok' } : {}),
    ...(relay ? { relay: relay.trouble() ?? 'ok' } : {}),
  };
  return { ready: Object.values(checks).every((check) => check === 'ok'), checks };
};
