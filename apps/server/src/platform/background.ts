import { setPriority } from 'node:os';

/**
 * Lets the doors and the reads go first where there are fewer cores than threads with work: the calling thread, and the
 * threads that it starts from now on, wait for theirs. Linux alone knows priorities of threads.
 */
export const inBackground = (niceness: number): void => {
  if (process.platform === 'linux') setPriority(0, niceness);
};
