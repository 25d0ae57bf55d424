import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything in it is on the disk when it resolves; answers how many bytes that are. */
export const flushFolder = async (folder: string): Promise<number> => {
  let bytes = 0;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await flushFolder(path);
    else if (entry.isFile()) {
      const file = await open(path, 'r+');
      await file.sync().finally(() => file.close());
      bytes += (await stat(path)).size;
    }
  }
  await flushNames(folder);
  return bytes;
};

/** The names that stand in the folder itself are on the disk when it resolves. */
export const flushNames = async (folder: string): Promise<void> => {
  const it = await open(folder, 'r');
  await it.sync().finally(() => it.close());
};
