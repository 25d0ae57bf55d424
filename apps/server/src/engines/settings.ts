import { readFileSync } from 'node:fs';
import { isChannelName } from '@tributary/domain';
import { parseAddress } from '@tributary/eventstoredb';
import { kafkaSettingNames, parseKafkaUrl } from '@tributary/kafka';
import { EngineError } from '@tributary/kernel';
import { parseRedisUrl } from '@tributary/redis';
import { parseClickHouseUrl } from '@tributary/warehouse';

/** Which engines a process works on, and what the processes of one platform share. Absent: embedded. */
export interface EngineSettings {
  readonly logUrl?: string;
  readonly eventsUrl?: string;
  readonly profilesUrl?: string;
  readonly keysUrl?: string;
  readonly warehouseUrl?: string;
  readonly warehouseCluster?: string;
  /** Wraps the keys of subjects. */
  readonly masterKey?: Uint8Array;
  /** Hashes identifiers to subjects. */
  readonly lookupKey?: Uint8Array;
  /** Of each new topic of touchpoints. */
  readonly partitions: number;
  /** Beside those that have a channel file or a key. */
  readonly channels: readonly string[];
  /** Up to this position of the events keys of subjects may be lost, and it is known. */
  readonly keysLostTo?: number;
}

interface SettingSpec {
  readonly name: string;
  readonly form: 'url' | 'key' | 'text' | 'count' | 'names';
  readonly schemes?: readonly string[];
  /** Its adapter's own reading of the URL: throws what is wrong with it. */
  readonly read?: (url: string, env: Readonly<NodeJS.ProcessEnv>) => unknown;
  /** Never printed. A URL is printed without its credentials. */
  readonly isSecret?: boolean;
  readonly says: string;
}

const REDIS = ['redis', 'redis+sentinel', 'redis+cluster'].flatMap((form) => [form, form.replace('redis', 'rediss')]);

/** Everything that is read from the environment about engines; the guide's table is made from it. */
export const settingSpecs = [
  {
    name: 'TRIBUTARY_LOG_URL',
    form: 'url',
    schemes: ['kafka'],
    read: parseKafkaUrl,
    says: 'the log: `kafka://host:9092`',
  },
  {
    name: 'TRIBUTARY_EVENTS_URL',
    form: 'url',
    schemes: ['esdb', 'esdb+discover', 'kurrentdb', 'kurrentdb+discover'],
    read: parseAddress,
    says: 'the event store: `esdb://host:2113`',
  },
  {
    name: 'TRIBUTARY_PROFILES_URL',
    form: 'url',
    schemes: REDIS,
    read: parseRedisUrl,
    says: 'documents and message ids: `redis://host:6379`',
  },
  {
    name: 'TRIBUTARY_KEYS_URL',
    form: 'url',
    schemes: REDIS,
    read: parseRedisUrl,
    says: 'keys of subjects, in a Redis that keeps what it answered (`appendfsync always`)',
  },
  {
    name: 'TRIBUTARY_WAREHOUSE_URL',
    form: 'url',
    schemes: ['http', 'https'],
    read: parseClickHouseUrl,
    says: 'the warehouse: `http://host:8123/database`',
  },
  { name: 'TRIBUTARY_WAREHOUSE_CLUSTER', form: 'text', says: 'name of the ClickHouse cluster; absent: one server' },
  {
    name: 'TRIBUTARY_MASTER_KEY',
    form: 'key',
    isSecret: true,
    says: '32 bytes in base64: wraps the keys of subjects; the same for all processes',
  },
  {
    name: 'TRIBUTARY_LOOKUP_KEY',
    form: 'key',
    isSecret: true,
    says: '32 bytes in base64: hashes identifiers; the same for all processes, for ever: a process with another is refused',
  },
  {
    name: 'TRIBUTARY_PARTITIONS',
    form: 'count',
    says: 'partitions of each new topic of touchpoints (6); stays as it was for topics that are there',
  },
  {
    name: 'TRIBUTARY_CHANNELS',
    form: 'names',
    says: 'channels beside those with a channel file or a write key, apart by commas; the same for all processes',
  },
  {
    name: 'TRIBUTARY_KEYS_LOST_TO',
    form: 'count',
    says: 'a position that a refusal named: keys of people that are lost up to there are lost for good, and they read as erased',
  },
] as const satisfies readonly SettingSpec[];

export type SettingName = (typeof settingSpecs)[number]['name'];

/** Every name about engines that is read from the environment. */
export const settingNames: readonly string[] = [
  ...settingSpecs.flatMap(({ name }) => [name, `${name}_FILE`]),
  ...kafkaSettingNames,
];

/** What is wrong with one setting. Never quotes its value, which may hold a password. */
export class SettingRefused extends Error {
  constructor(name: string, why: string) {
    super(`${name}: ${why}`);
    this.name = 'SettingRefused';
  }
}

const PARTITIONS = 6;

/** No engine has a URL. */
export const embeddedOnly: EngineSettings = { partitions: PARTITIONS, channels: [] };

const KEY_BYTES = 32;
const MOST_PARTITIONS = 1_000;

/** Each name may be given as `NAME_FILE`, too: the path of a file that holds the value, as mounted secrets do. */
export const readSettings = (env: Readonly<NodeJS.ProcessEnv>): EngineSettings => {
  const text = (name: SettingName): string | undefined => textOf(env, name);
  const given = <K extends keyof EngineSettings>(key: K, value: EngineSettings[K] | undefined) =>
    value === undefined ? {} : { [key]: value };
  return {
    ...given('logUrl', urlOf(env, 'TRIBUTARY_LOG_URL')),
    ...given('eventsUrl', urlOf(env, 'TRIBUTARY_EVENTS_URL')),
    ...given('profilesUrl', urlOf(env, 'TRIBUTARY_PROFILES_URL')),
    ...given('keysUrl', urlOf(env, 'TRIBUTARY_KEYS_URL')),
    ...given('warehouseUrl', urlOf(env, 'TRIBUTARY_WAREHOUSE_URL')),
    ...given('warehouseCluster', text('TRIBUTARY_WAREHOUSE_CLUSTER')),
    ...given('masterKey', keyOf(env, 'TRIBUTARY_MASTER_KEY')),
    ...given('lookupKey', keyOf(env, 'TRIBUTARY_LOOKUP_KEY')),
    partitions: countOf(text('TRIBUTARY_PARTITIONS')),
    channels: namesOf(text('TRIBUTARY_CHANNELS')),
    ...given('keysLostTo', positionOf(text('TRIBUTARY_KEYS_LOST_TO'))),
  };
};

const textOf = (env: Readonly<NodeJS.ProcessEnv>, name: SettingName): string | undefined => {
  const [own, file] = [env[name]?.trim(), env[`${name}_FILE`]?.trim()];
  if (own && file) throw new SettingRefused(name, `is given twice, here and in ${name}_FILE: leave one out`);
  if (!file) return own === '' ? undefined : own;
  try {
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    throw new SettingRefused(`${name}_FILE`, 'the file cannot be read: check its path and mode');
  }
};

const specOf = (name: SettingName): SettingSpec => settingSpecs.find((spec) => spec.name === name) as SettingSpec;

const urlOf = (env: Readonly<NodeJS.ProcessEnv>, name: SettingName): string | undefined => {
  const url = textOf(env, name);
  if (url === undefined) return undefined;
  const { schemes = [], read } = specOf(name);
  if (!schemes.some((scheme) => url.startsWith(`${scheme}://`)))
    throw new SettingRefused(name, `begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);
  try {
    read?.(url, env);
  } catch (error) {
    if (error instanceof EngineError) throw new SettingRefused(name, error.message);
    // Of a `%` that encodes nothing; its message quotes nothing, and says nothing.
    if (error instanceof URIError) throw new SettingRefused(name, 'has a % that encodes no character: write it as %25');
    throw error;
  }
  return url;
};

const keyOf = (env: Readonly<NodeJS.ProcessEnv>, name: SettingName): Uint8Array | undefined => {
  const text = textOf(env, name);
  if (text === undefined) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes.length !== KEY_BYTES || !/^[A-Za-z0-9+/]+=?$/.test(text))
    throw new SettingRefused(name, `is ${KEY_BYTES} bytes in base64, as \`openssl rand -base64 32\` makes them`);
  return new Uint8Array(bytes);
};

const countOf = (text: string | undefined): number => {
  if (text === undefined) return PARTITIONS;
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > MOST_PARTITIONS)
    throw new SettingRefused('TRIBUTARY_PARTITIONS', `is a whole number from 1 to ${MOST_PARTITIONS}`);
  return count;
};

const positionOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new SettingRefused(
    'TRIBUTARY_KEYS_LOST_TO',
    'is a position of the events, as a refusal names it: a whole number',
  );
};

const namesOf = (text: string | undefined): readonly string[] => {
  const names = (text ?? '').split(',').flatMap((name) => name.trim() || []);
  if (!names.every((name) => isChannelName(name)))
    throw new SettingRefused('TRIBUTARY_CHANNELS', 'is a list of channel names: a lower-case letter, then a-z, 0-9, _');
  return names;
};
