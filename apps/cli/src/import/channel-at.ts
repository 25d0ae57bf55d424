import { readFile } from 'node:fs/promises';
import { type Channel, channelNamed, loadChannels, parseChannel } from '@tributary/intake';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';

/** A channel by its name, or by the path of a channel file that is not in `channels/` (yet). */
export const channelAt = async (nameOrPath: string): Promise<Channel> => {
  if (/[./\\]/.test(nameOrPath)) return parseChannel(await readFile(nameOrPath, 'utf8'), nameOrPath);
  try {
    return channelNamed(nameOrPath, loadChannels());
  } catch (error) {
    throw error instanceof RangeError ? new Failure(ExitCode.notFound, error.message.replace(/\.$/, '')) : error;
  }
};
