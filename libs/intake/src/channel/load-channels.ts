import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ChannelFileError } from './errors.js';
import { type Channel, type ChannelSource } from './model.js';
import { nearest } from '@tributary/contracts';
import { parseChannel } from './parse-channel.js';

const findUp = (from: string, name: string): string => {
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, name))) return join(dir, name);
    if (dirname(dir) === dir) throw new Error(`no folder ${name} above ${from}`);
  }
};

/** The shipped `channels/` folder, seen from the sources as well as from the build. */
export const defaultChannelsDir = (): string => findUp(dirname(fileURLToPath(import.meta.url)), 'channels');

/**
 * Every `*.yaml` (and `*.yml`) of a folder, by channel name.
 * @throws ChannelFileError for the first file that cannot be used, whose name differs from the channel's, or is its second
 */
export const loadChannels = (dir: string = defaultChannelsDir()): ReadonlyMap<string, Channel> => {
  const channels = new Map<string, Channel>();
  for (const file of readdirSync(dir)
    .filter((f) => /\.ya?ml$/.test(f))
    .sort()) {
    const path = join(dir, file);
    const channel = parseChannel(readFileSync(path, 'utf8'), path);
    if (channel.name !== basename(file).replace(/\.ya?ml$/, ''))
      throw new ChannelFileError(path, 'name', `is ${channel.name}`, 'Call the file as the channel: `<name>.yaml`.');
    const other = channels.get(channel.name);
    if (other) throw new ChannelFileError(path, 'name', `is that of ${other.file}, too`, 'Keep one of the two files.');
    channels.set(channel.name, channel);
  }
  return channels;
};

/** @throws RangeError that names the nearest known channel */
export const channelNamed = (name: string, channels: ReadonlyMap<string, Channel>): Channel => {
  const channel = channels.get(name);
  if (channel) return channel;
  const guess = nearest(name, [...channels.keys()]);
  throw new RangeError(
    `there is no channel ${name}. ${guess ? `Did you mean ${guess}?` : `There are: ${[...channels.keys()].join(', ')}.`}`,
  );
};

const patternOf = (glob: string): RegExp =>
  new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  );

/** The source that reads a file of this name (folder and `.gz`, `.zip` left out of account); `undefined`: none does. */
export const sourceOfName = (channel: Channel, fileName: string): ChannelSource | undefined => {
  const name = basename(fileName).replace(/\.(gz|zip)$/i, '');
  return channel.sources.find((s) => s.files.length === 0 || s.files.some((f) => patternOf(f).test(name)));
};

/**
 * The same, where there must be one.
 * @throws RangeError listing the patterns, where none fits
 */
export const sourceFor = (channel: Channel, fileName: string): ChannelSource => {
  const source = sourceOfName(channel, fileName);
  if (source) return source;
  const known = channel.sources.flatMap((s) => s.files).join(', ');
  throw new RangeError(
    `channel ${channel.name} reads files named ${known}; ${basename(fileName).replace(/\.(gz|zip)$/i, '')} is none of them. Rename it, or add its name to the channel file.`,
  );
};
