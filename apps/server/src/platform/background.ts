import { readdirSync, readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { basename } from 'node:path';

/**
 * Lets the doors and the reads go first where there are fewer cores than threads with work: the calling thread, and the
 * threads that it starts from now on, wait for theirs. Linux alone knows priorities of threads.
 */
export const inBackground = (niceness: number): void => {
  if (process.platform === 'linux') whereAllowed(() => setPriority(0, niceness));
};

/**
 * The same for all the other threads that this process has by now. Called by the main thread before it starts any of ours,
 * they are those that help: V8's, which collect garbage, and libuv's, on which chDB works, with all that they start.
 */
export const helpersInBackground = (niceness: number): void => {
  if (process.platform !== 'linux') return;
  whereAllowed(() => {
    const own = basename(readlinkSync('/proc/thread-self'));
    for (const thread of readdirSync('/proc/self/task'))
      if (thread !== own) threadInBackground(Number(thread), niceness);
  });
};

/** Of one thread, which may have ended since it was listed. */
export const threadInBackground = (thread: number, niceness: number): void =>
  whereAllowed(() => setPriority(thread, niceness));

/** A sandbox may forbid it, or show no /proc. Everything works without: doors are slower beside much work, that is all. */
const whereAllowed = (change: () => void): void => {
  try {
    change();
  } catch (error) {
    if ((error as { readonly syscall?: unknown }).syscall === undefined) throw error;
  }
};
