import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { collectGarbage, openEmbedded } from '@tributary/embedded';
import { type Scratch } from '@tributary/pipeline';

/** Of the process whose it is: whoever comes after a crash knows what is nobody's any more. */
const PREFIX = 'tributary-scratch-';
const LET_GO_MS = 1_000;

/** Whoever makes it removes it; the next `sweepScratch` does where the process died over it. */
export const scratchFolder = (parent: string): Promise<string> => mkdtemp(join(parent, `${PREFIX}${process.pid}-`));

/**
 * A store of its own for what is rebuilt beside the live documents. It holds profiles in plain text, as they do, and is
 * thrown away: by `close`, or by the next `sweepScratch` where the process died over it.
 */
export const openScratch = async (
  parent: string,
  { masterKey, reads }: { readonly masterKey: Uint8Array; readonly reads: 'here' | 'thread' },
): Promise<Scratch> => {
  const dir = await scratchFolder(parent);
  const store = await openEmbedded({ dir, masterKey, reads });
  return {
    documents: store.documents,
    close: async () => {
      await store.close();
      await rm(dir, { recursive: true, force: true });
      // Before Node 22 its files are held, and their room on the disk, until whoever used it has let go of it and this is done.
      setTimeout(collectGarbage, LET_GO_MS).unref();
    },
  };
};

/**
 * Removes what processes that are gone have left in this folder. To be called before this one opens any. In a data folder
 * also what was called so before it named its process.
 */
export const sweepScratch = async (parent: string, isDataFolder: boolean): Promise<void> => {
  for (const name of await readdir(parent))
    if (isLeft(name) || (isDataFolder && name.startsWith('scratch-')))
      await rm(join(parent, name), { recursive: true, force: true });
};

const isLeft = (name: string): boolean => {
  if (!name.startsWith(PREFIX)) return false;
  const pid = Number(name.slice(PREFIX.length).split('-')[0]);
  // In a container each life of it has the same number.
  return pid === process.pid || !(pid > 0) || !isAlive(pid);
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};
