import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The engine drops old parts, folders of files, while one looks: what has just gone holds nothing. */
const unlessGone = <T>(look: () => T, nothing: T): T => {
  try {
    return look();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return nothing;
    throw error;
  }
};

/** Folder by folder: a walk that Node does by itself fails as a whole where one of them goes. */
const filesIn = (folder: string): readonly string[] =>
  unlessGone(() => readdirSync(folder, { withFileTypes: true }), []).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
  });

/** Files of an engine's folder in which a text lies, as it is. */
export const filesWith = (folder: string, text: string): readonly string[] =>
  filesIn(folder).filter((file) => unlessGone(() => readFileSync(file), Buffer.alloc(0)).includes(text));
