import { uptime } from 'node:os';
import { type Clock } from '@tributary/kernel';

/**
 * The machine's clock, which somebody may set, and beside it the count of how long the machine has been up, its sleep included,
 * which nobody can.
 */
export const systemClock: Clock = { now: () => Date.now(), elapsed_ms: () => uptime() * 1_000 };
