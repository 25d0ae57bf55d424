import { copyFileSync, linkSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

/** Made anew, with paths of this folder in it, or of no use to another process. */
const PASSING = new Set(['inserts', 'tmp', 'tributary']);

/**
 * The engine's folder as it is now, in a moment, however large it is: by hard links, since it never writes to a file that is
 * there. Nothing may be inserted or merged meanwhile; parts that were merged before go when the engine likes.
 */
export const linkFolder = (path: string, into: string): void => {
  mkdirSync(into, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(path, { withFileTypes: true }))
    if (!PASSING.has(entry.name)) linkEntry(join(path, entry.name), join(into, entry.name), entry);
};

const linkEntry = (from: string, to: string, entry: { isDirectory(): boolean; isSymbolicLink(): boolean }): void => {
  try {
    if (entry.isDirectory()) {
      const inside = readdirSync(from, { withFileTypes: true });
      mkdirSync(to, { mode: 0o700 });
      for (const one of inside) linkEntry(join(from, one.name), join(to, one.name), one);
    } else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(from), to);
    else linkOrCopy(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
};

/** Not every file system has hard links. */
const linkOrCopy = (from: string, to: string): void => {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw error;
    copyFileSync(from, to);
  }
};
