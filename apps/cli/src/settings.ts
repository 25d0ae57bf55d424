import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { byteSize } from './byte-size.js';
import { usage } from './failure.js';

/** The options that every command has. */
export interface Settings {
  readonly dataDir: string;
  /** Absent: the platform on the data folder. */
  readonly remote?: Remote;
  /** What a platform in this process may take; absent: what the container or the machine has. */
  readonly memory_bytes?: number;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly debug: boolean;
}

/** A platform that runs elsewhere, or as processes that share no data folder. */
export interface Remote {
  readonly url: string;
  /** Where its doors in are; the same where one address leads to all of it. */
  readonly doorsUrl: string;
  readonly token: string | null;
  readonly warehouse?: WarehouseDoor;
}

/** Its ClickHouse, whose users are its own. */
export interface WarehouseDoor {
  readonly url: string;
  readonly database: string;
  readonly authorization: string;
}

export const globalOptions: readonly Option[] = [
  new Option('--data <folder>', 'the data folder').env('TRIBUTARY_DATA').default('./data'),
  new Option('--memory <size>', 'what a platform in this process may take, such as 3g; unless told, what is there')
    .env('TRIBUTARY_MEMORY')
    .argParser(byteSize),
  new Option('--url <url>', 'a platform that runs elsewhere, in place of the data folder: its api').env(
    'TRIBUTARY_URL',
  ),
  new Option('--collector-url <url>', 'its collector, where that has another address').env('TRIBUTARY_COLLECTOR_URL'),
  new Option('--sql-url <url>', 'its ClickHouse: http://user:password@host:8123/database').env('TRIBUTARY_SQL_URL'),
  new Option('--key <key>', 'an access key of it (in the environment nobody else sees it)').env('TRIBUTARY_KEY'),
  new Option('--key-file <path>', 'a file that holds the key').env('TRIBUTARY_KEY_FILE'),
  new Option('--json', 'answer in JSON, for machines'),
  new Option('--quiet', 'no progress and no hints, only the answer'),
  new Option('--debug', 'on a failure, show where in the code it happened').env('TRIBUTARY_DEBUG'),
];

interface Given {
  readonly data: string;
  readonly memory?: number;
  readonly url?: string;
  readonly collectorUrl?: string;
  readonly sqlUrl?: string;
  readonly key?: string;
  readonly keyFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly debug?: boolean;
}

export const settingsOf = (command: Command): Settings => {
  const given = command.optsWithGlobals<Given>();
  const remote = remoteOf(given);
  return {
    dataDir: resolve(given.data),
    ...(remote ? { remote } : {}),
    ...(given.memory === undefined ? {} : { memory_bytes: given.memory }),
    json: given.json ?? false,
    quiet: given.quiet ?? false,
    debug: given.debug ?? false,
  };
};

/** As a platform that is started in this process is told of it. */
export const memoryOf = ({ memory_bytes }: Settings): { readonly memory_bytes?: number } =>
  memory_bytes === undefined ? {} : { memory_bytes };

/** Where it is kept how far files and quarantined messages were taken: of each platform apart. */
export const notesDir = ({ dataDir, remote }: Settings): string =>
  remote ? join(dataDir, 'platforms', createHash('sha256').update(remote.url).digest('hex').slice(0, 16)) : dataDir;

const remoteOf = ({ url, collectorUrl, sqlUrl, key, keyFile }: Given): Remote | undefined => {
  if (url === undefined || url === '') return undefined;
  const own = addressOf(url, '--url');
  return {
    url: own,
    doorsUrl: collectorUrl === undefined || collectorUrl === '' ? own : addressOf(collectorUrl, '--collector-url'),
    token: key ?? (keyFile === undefined ? null : keyIn(keyFile)),
    ...(sqlUrl === undefined || sqlUrl === '' ? {} : { warehouse: warehouseAt(sqlUrl) }),
  };
};

/** Never quoted: whoever writes a password into it does not want to see it again. */
const addressOf = (text: string, option: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.search !== '' || url.hash !== '')
    throw usage(`${option} is not an address`, 'write http://host:port or https://host, and the key with --key');
  return url.href.replace(/\/+$/, '');
};

const warehouseAt = (text: string): WarehouseDoor => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    throw usage('--sql-url is not an address', 'write http://user:password@host:8123/database');
  const [user, password] = [url.username, url.password].map(decodeURIComponent);
  return {
    url: url.origin,
    database: decodeURIComponent(url.pathname.slice(1)) || 'default',
    authorization: `Basic ${Buffer.from(`${user || 'default'}:${password}`).toString('base64')}`,
  };
};

const keyIn = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    throw usage(`${path} cannot be read`, 'it is to hold an access key: check its path and mode');
  }
};
