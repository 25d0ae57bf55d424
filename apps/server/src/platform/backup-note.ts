import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger } from 'pino';
import { replaceFile } from '../access/replace-file.js';

/** `<backup>/backup.json`: says of a folder that it is a backup, and of when. */
export interface BackupNote {
  readonly takenAt: string;
}

const pathIn = (folder: string): string => join(folder, 'backup.json');

export const writeBackupNote = (folder: string, note: BackupNote): Promise<void> =>
  replaceFile(pathIn(folder), `${JSON.stringify(note, null, 2)}\n`);

/**
 * A backup brings back what was undone since it was taken, and nothing in it can know of that: it is said, once, at the first
 * start on it.
 */
export const tellOfRestore = async (dataDir: string, logger: Logger): Promise<void> => {
  const text = await readFile(pathIn(dataDir), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return;
  logger.warn(
    { takenAt: takenAtIn(text) },
    'this data folder comes from a backup: whoever was erased since is there again (erase them again), access keys that were revoked since work again, what came in since is not there (send it again), and services that follow profile events begin anew',
  );
  await unlink(pathIn(dataDir));
};

const takenAtIn = (text: string): string | null => {
  try {
    return (JSON.parse(text) as BackupNote).takenAt;
  } catch {
    return null;
  }
};
