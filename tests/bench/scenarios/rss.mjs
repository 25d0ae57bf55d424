import { setTimeout as sleep } from 'node:timers/promises';
import { memoryOf } from '../process/usage.mjs';

/** Threads look every second or five whether they may rest, and chDB gives pages back a while after it let go of them. */
const REST_MS = 30_000;

/**
 * Resident memory of the whole platform when the load had had its effect, the most that it ever was until then, and what
 * stays when there is nothing more to do.
 */
export const rss = async (bench) => {
  const { memory, platform } = await bench.loaded();
  if (memory === undefined) return bench.say('skipped rss: this system has no /proc');
  bench.report({ name: 'rss', value: memory.now_MB, unit: 'MB' });
  bench.report({ name: 'rss_peak', value: memory.peak_MB, unit: 'MB' });
  await sleep(REST_MS);
  bench.report({ name: 'rss_at_rest', value: memoryOf(platform.pid).now_MB, unit: 'MB' });
};
