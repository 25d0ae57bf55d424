import { readdirSync } from 'node:fs';
import { loadChannels } from '@tributary/intake';
import { isChannelName } from '@tributary/domain';

/** The channels that may be written to without a key of their own. */
export interface ChannelNames {
  has(name: string): boolean;
  /** As of now. */
  all(): readonly string[];
  /** What people call it; absent for one without a file, or whose file came while the server runs. */
  titleOf(name: string): ChannelTitle | undefined;
}

export interface ChannelTitle {
  readonly en: string;
  readonly zh: string;
}

/**
 * Those with a file in the folder, and those that the settings name beside. The folder is looked at again for a name that
 * is not known yet, since a channel file may come while the server runs; one that has gone keeps what it was sent.
 * What a file says is the importer's: here it is read once, so that a folder that cannot be used is told at the start.
 */
export const channelNames = (dir: string, beside: readonly string[]): ChannelNames => {
  const files = loadChannels(dir);
  const known = new Set([...files.keys(), ...beside]);
  const look = (): ReadonlySet<string> => {
    for (const file of readdirSync(dir)) {
      const name = /^(.+)\.ya?ml$/.exec(file)?.[1];
      if (name !== undefined && isChannelName(name)) known.add(name);
    }
    return known;
  };
  return {
    has: (name) => known.has(name) || look().has(name),
    all: () => [...look()].sort(),
    titleOf: (name) => files.get(name)?.title,
  };
};
