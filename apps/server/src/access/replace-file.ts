import { link, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Replaces a file whole, readable by its owner only: a crash leaves the old text or the new one. */
export const replaceFile = async (file: string, text: string): Promise<void> => {
  await rename(await draftOf(file, text), file);
  await syncFolderOf(file);
};

/** Makes a file that is not there yet, whole; if another process was first, its file stays. */
export const createFile = async (file: string, text: string): Promise<void> => {
  const draft = await draftOf(file, text);
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolderOf(file);
};

const draftOf = async (file: string, text: string): Promise<string> => {
  const draft = `${file}.${process.pid}.draft`;
  const handle = await open(draft, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return draft;
};

const syncFolderOf = async (file: string): Promise<void> => {
  const folder = await open(dirname(file), 'r');
  await folder.sync().finally(() => folder.close());
};

const STALE_MS = 10_000;
const TRIES = 200;

/** Runs `work` while no other process does under the same lock file. A lock left by a crash is taken after ten seconds. */
export const withFileLock = async <T>(lock: string, work: () => Promise<T>): Promise<T> => {
  for (let tried = 0; ; tried++) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || tried >= TRIES) throw error;
      const held = await stat(lock).catch(() => undefined);
      if (held && Date.now() - held.mtimeMs > STALE_MS) await unlink(lock).catch(() => {});
      else await sleep(25);
    }
  }
  try {
    return await work();
  } finally {
    await unlink(lock).catch(() => {});
  }
};
