import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { replaceFile } from '../access/replace-file.js';

/** `<data>/server.json` (0600): how the CLI reaches the server that runs on this data folder. */
export interface ServerFile {
  readonly pid: number;
  readonly url: string;
  readonly sqlUrl: string | null;
  /** Opens every door of this server while it runs. */
  readonly token: string;
  readonly startedAt: string;
}

const pathIn = (dataDir: string): string => join(dataDir, 'server.json');

export const writeServerFile = (dataDir: string, file: ServerFile): Promise<void> =>
  replaceFile(pathIn(dataDir), `${JSON.stringify(file, null, 2)}\n`);

/** Only our own: another server may have started on the folder since. */
export const removeServerFile = async (dataDir: string, token: string): Promise<void> => {
  try {
    const file = JSON.parse(await readFile(pathIn(dataDir), 'utf8')) as Partial<ServerFile>;
    if (file.token === token) await unlink(pathIn(dataDir));
  } catch {
    // Gone already, or not ours to judge.
  }
};
