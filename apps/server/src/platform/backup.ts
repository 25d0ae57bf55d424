import { constants } from 'node:fs';
import { cp, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { type Connection } from '@tributary/embedded';
import { type Clock, StoreFull } from '@tributary/kernel';
import { type BackupMade } from '../ops/operations.js';
import { invalid, Refusal } from '../refusal.js';
import { writeBackupNote } from './backup-note.js';
import { flushFolder, flushNames } from './flush-folder.js';
import { scratchFolder } from './scratch.js';

export interface BackupDeps {
  readonly dataDir: string;
  readonly store: Pick<Connection, 'copy' | 'events'>;
  /** The tables' folder as it is, by hard links; absent: they are on a server. */
  readonly linkTables?: (into: string) => Promise<void>;
  readonly clock: Clock;
}

/** Small files beside the store. Never `secrets.json`: it opens what the backup holds, and belongs apart from it. */
const BESIDE = ['access-keys.json', 'engines.json', 'sample.json', 'imports'] as const;

/**
 * Makes a folder that is a data folder as this one is now, but for `secrets.json`; everything goes on meanwhile, except that
 * nothing is loaded into tables for a moment. What is older does no harm beside what is newer, so they are copied in this order:
 * notes of how far imports came (what they do not know is sent again, and known), tables (they are loaded from the store), the
 * store. The folder has its name only when it is whole and on the disk.
 */
export const backupTo =
  ({ dataDir, store, linkTables, clock }: BackupDeps) =>
  async (folder: string): Promise<BackupMade> => {
    await requireFree(dataDir, folder);
    const takenAt = new Date(clock.now()).toISOString();
    const draft = await mkdtemp(`${folder}.part-`).catch(told);
    try {
      for (const name of BESIDE) await copyIfThere(join(dataDir, name), join(draft, name));
      if (linkTables) await copyTables(dataDir, linkTables, join(draft, 'clickhouse'));
      await store.copy(draft);
      const position = await store.events.head();
      await writeBackupNote(draft, { takenAt });
      const bytes = await flushFolder(draft);
      await rename(draft, folder);
      await flushNames(dirname(folder));
      return { folder, takenAt, position, bytes, left: 'secrets.json' };
    } catch (error) {
      await rm(draft, { recursive: true, force: true });
      return told(error);
    }
  };

const requireFree = async (dataDir: string, folder: string): Promise<void> => {
  const written = Buffer.from(folder).toString();
  if (!isAbsolute(folder) || folder !== resolve(folder) || folder !== written || folder.includes('\0'))
    throw invalid('folder', 'it is no absolute path', 'write the whole path of a folder that is not there yet');
  // By where they are, whatever links lead there.
  const place = await realpath(dirname(folder)).catch(told);
  const inside = relative(await realpath(dataDir), join(place, basename(folder)));
  if (inside === '' || !(inside.startsWith('..') || isAbsolute(inside)))
    throw invalid('folder', 'it is in the data folder itself', 'name one elsewhere, best on another disk');
  if (await stat(folder).catch(() => undefined))
    throw new Refusal(409, 'folder_exists', 'the folder is there already', 'name one that is not there yet', 'folder');
};

const copyIfThere = async (from: string, to: string): Promise<void> => {
  if (await stat(from).catch(() => undefined)) await cp(from, to, { recursive: true });
};

const copyTables = async (
  dataDir: string,
  linkTables: (into: string) => Promise<void>,
  into: string,
): Promise<void> => {
  const scratch = await scratchFolder(dataDir);
  try {
    await linkTables(join(scratch, 'clickhouse'));
    // Where the file system can, a copy shares its bytes with the original until one of the two is written to.
    const mode = constants.COPYFILE_FICLONE;
    await cp(join(scratch, 'clickhouse'), into, { recursive: true, verbatimSymlinks: true, mode });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** What is wrong with the place is the caller's to mend; the rest is ours. */
const told = (error: unknown): never => {
  const code = error instanceof StoreFull ? 'ENOSPC' : (error as NodeJS.ErrnoException).code;
  const why = code === undefined ? undefined : reasons[code];
  if (why === undefined) throw error;
  throw new Refusal(409, 'backup_failed', why[0], why[1], 'folder');
};

const reasons: Readonly<Record<string, readonly [message: string, remedy: string]>> = {
  ENOSPC: ['there is no space left for the backup; nothing of it was kept', 'free some, or name another disk'],
  EDQUOT: ['there is no space left for the backup; nothing of it was kept', 'free some, or name another disk'],
  ENOENT: ['the folder that it would lie in is not there', 'make it first'],
  ENAMETOOLONG: ['the name is longer than the disk takes', 'name a shorter one'],
  ELOOP: ['links lead in a circle there', 'name the folder itself'],
  ENOTDIR: ['what it would lie in is no folder', 'name one that is'],
  EACCES: ['the server may not write there', 'check owner and mode of the folder that it would lie in'],
  EPERM: ['the server may not write there', 'check owner and mode of the folder that it would lie in'],
  EROFS: ['the disk may not be written to', 'name another'],
};
