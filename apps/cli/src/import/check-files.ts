import { stat } from 'node:fs/promises';
import { type Channel, chooseOfFile } from '@tributary/intake';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';

/** Before anything is read: a misspelt name in the middle of the list is better told at once. */
export const checkFiles = async (channel: Channel, files: readonly string[], entry?: string): Promise<void> => {
  for (const path of files) {
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile()) throw new Failure(ExitCode.notFound, `there is no file ${path}`, 'check the path');
    try {
      await chooseOfFile(channel, path, entry);
    } catch (error) {
      if (error instanceof RangeError) throw new Failure(ExitCode.usage, error.message.replace(/\.$/, ''));
      throw error;
    }
  }
};
