import { readdirSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lets the doors and the reads go first where there are fewer cores than threads with work: the calling thread, and the
 * threads that it starts from now on, wait for theirs. Linux alone knows priorities of threads.
 */
export const inBackground = (niceness: number): void => {
  if (process.platform === 'linux') setPriority(0, niceness);
};

/**
 * The same for all the other threads that this process has by now. Called by the main thread before it starts any of ours,
 * they are those that help: V8's, which collect garbage, and libuv's, on which chDB works, with all that they start.
 */
export const helpersInBackground = (niceness: number): void => {
  if (process.platform !== 'linux') return;
  const own = basename(readlinkSync('/proc/thread-self'));
  for (const thread of readdirSync('/proc/self/task')) if (thread !== own) setPriority(Number(thread), niceness);
};
