import { type Clock } from '@tributary/kernel';

/** The machine's clock, which somebody may set, and beside it the count of how long we have been running, which nobody can. */
export const systemClock: Clock = { now: () => Date.now(), elapsed_ms: () => performance.now() };
