import { writeSync } from 'node:fs';

/**
 * Ends the process, at once, and says why: for one whose chDB cannot be closed. Any other end waits for the engine's threads, or
 * crashes under them. What was answered to be written is synced, and stays.
 */
export const endProcess = (why: string): void => {
  writeSync(process.stderr.fd, `tributary: ${why}; the process ends without it\n`);
  process.kill(process.pid, 'SIGKILL');
};
