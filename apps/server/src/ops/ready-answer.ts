import { type Caller } from '../access/gate.js';
import { type Readiness } from './platform-stats.js';

/**
 * What is wrong may name machines, or quote what a bug met: that is for whoever may read. A load balancer, which has no key,
 * is told which part it is.
 */
export const readyAnswer = ({ ready, checks }: Readiness, { role }: Caller) => ({
  status: ready ? 'ok' : 'not ready',
  checks:
    role === undefined
      ? Object.fromEntries(Object.entries(checks).map(([part, found]) => [part, found === 'ok' ? 'ok' : 'not ready']))
      : checks,
});
