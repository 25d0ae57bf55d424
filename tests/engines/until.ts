import { setTimeout as pause } from 'node:timers/promises';

export const until = async (holds: () => boolean | Promise<boolean>, patience_ms = 40_000): Promise<void> => {
  for (const end = performance.now() + patience_ms; !(await holds()); await pause(10))
    if (performance.now() > end) throw new Error(`not within ${patience_ms} ms: ${holds.toString()}`);
};
