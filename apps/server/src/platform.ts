import { mkdir } from 'node:fs/promises';
import { type AccessKeys } from './access/access-keys.js';
import { oneAtATime } from './ops/one-at-a-time.js';
import { helpersInBackground } from './platform/background.js';
import { longWork } from './platform/long-work.js';
import { bringToThisProgram, isOfThisProgram } from './platform/of-this-program.js';
import { openChannels } from './platform/open-channels.js';
import { type Doors, openDoors } from './platform/open-doors.js';
import { openStores } from './platform/open-stores.js';
import { type PlatformOptions } from './platform/platform-options.js';
import { startStages } from './platform/start-stages.js';
import { startOf } from './platform/start.js';

export interface Platform extends Doors {
  /** Opens every door of this server while it runs. */
  readonly token: string;
  readonly keys: AccessKeys;
  /** The doors close, the pipeline finishes its batch, the loader flushes, chDB closes, the store closes: in this order. */
  stop(): Promise<void>;
}

/** As the loader: what helps most of the time helps it, or the pipeline. */
const HELPERS_NICENESS = 10;

/**
 * The whole platform in this process, on the embedded engines but for those that have a URL. Whatever has been opened when a
 * later step fails is closed again before this rejects. Installs no signal handlers.
 */
export const startPlatform = async (options: PlatformOptions): Promise<Platform> => {
  const start = startOf(options);
  const { dataDir, opened } = start;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    // After the first work on files: libuv's threads begin with it.
    helpersInBackground(HELPERS_NICENESS);
    const stores = await openStores(start);
    const channels = await openChannels(start, stores);
    // Engines beside the folder are upgraded role by role: there an operator says when.
    const isOurs = !stores.fused || (await isOfThisProgram(stores));
    const stages = await startStages(start, stores, channels);
    const operations = longWork(start, stores, channels, stages);
    const bringing = isOurs
      ? undefined
      : opened.add('rebuild', bringToThisProgram(operations, start.logger), (it) => it.stop());
    if (!options.forOneCommand) void bringing?.whole();
    const doors = await openDoors(start, stores, channels, stages, oneAtATime(operations, bringing));
    return { ...doors, token: stores.token, keys: stores.keys, stop: () => opened.close() };
  } catch (error) {
    await opened.close();
    throw error;
  }
};
