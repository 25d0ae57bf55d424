import { type Readiness } from '../ops/platform-stats.js';
import { type Stages } from './start-stages.js';

/**
 * Whether each stage does its work, or what keeps it. Questions that do not end are told, and do not count: whoever may only
 * read must not take the doors that take in from behind a load balancer.
 */
export const stagesReadiness = ({ pipeline, warehouse, readers, relay }: Stages): Readiness => {
  const checks = {
    pipeline: pipeline.trouble() ?? 'ok',
    warehouse: warehouse.trouble() ?? 'ok',
    ...(readers ? { reads: readers.trouble() ?? 'ok' } : {}),
    ...(relay ? { relay: relay.trouble() ?? 'ok' } : {}),
  };
  return {
    ready: Object.values(checks).every((check) => check === 'ok'),
    checks: { ...checks, sql: warehouse.held() ?? 'ok' },
  };
};
