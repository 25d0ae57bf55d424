import { writeSync } from 'node:fs';

/** A thread's own `process.stderr` has no number. */
const STDERR = 2;

/**
 * Ends the process, at once, and says why: for one whose chDB cannot be closed. Any other end waits for the engine's threads, or
 * crashes under them. What was answered to be written is synced, and stays.
 */
export const endProcess = (why: string): void => {
  try {
    writeSync(STDERR, `tributary: ${why}; the process ends without it\n`);
  } catch {
    // Nobody reads it any more; it has to end all the same.
  }
  process.kill(process.pid, 'SIGKILL');
};
