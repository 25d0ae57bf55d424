import { EngineError } from '@tributary/kernel';

export const ENGINE = 'eventstoredb';

/** KurrentDB is EventStoreDB under its newer name, and its guides write the newer scheme; the client knows the older. */
const schemes = new Map([
  ['esdb:', 'esdb:'],
  ['esdb+discover:', 'esdb+discover:'],
  ['kurrentdb:', 'esdb:'],
  ['kurrentdb+discover:', 'esdb+discover:'],
]);
/** What the client understands. Anything else it would write to the console, together with the password. */
const settings = new Set([
  'tls',
  'tlscafile',
  'usercertfile',
  'userkeyfile',
  'nodepreference',
  'connectionname',
  'discoveryinterval',
  'gossiptimeout',
  'maxdiscoverattempts',
  'keepaliveinterval',
  'keepalivetimeout',
]);

const refuse = (why: string): never => {
  throw new EngineError(ENGINE, 'fatal', `the address is refused: ${why}`);
};

const flat = (name: string): string => name.toLowerCase().replace(/[_-]/g, '');

export interface Address {
  /** For the client; without the keep-alive settings, which the channel gets from here. */
  readonly url: string;
  /** `name:port`, several apart by commas: to be told whoever looks for it. */
  readonly hosts: string;
  readonly tls: boolean;
  /** Paths of PEM files. */
  readonly files: {
    readonly ca: string | undefined;
    readonly certificate: string | undefined;
    readonly key: string | undefined;
  };
  readonly keepAliveInterval_ms: number;
  readonly keepAliveTimeout_ms: number;
}

/** Only keep-alive notices a half-open connection; together these stay well below the 30 s in which we must recover. */
const KEEP_ALIVE = { interval_ms: 10_000, timeout_ms: 5_000 } as const;

/**
 * `esdb://user:password@host:2113?tls=true&tlsCAFile=…` (several hosts apart by commas, or `esdb+discover://` for a
 * cluster's name), checked here because the client's own complaints quote the address, password included.
 */
export const parseAddress = (url: string): Address => {
  const [beginning = '', query = '', ...rest] = url.trim().split('?');
  const scheme = beginning.slice(0, beginning.indexOf('//'));
  if (!schemes.has(scheme))
    refuse('it must begin with esdb://, esdb+discover://, kurrentdb:// or kurrentdb+discover://');
  if (rest.length > 0) refuse('it holds more than one `?`; write those of a password as %3F');
  const given = new Map(
    query
      .split('&')
      .filter((pair) => pair !== '')
      .map((pair) => [pair.split('=')[0]!, pair.split('=').slice(1).join('=')] as const),
  );
  const settingsGiven = new Map<string, string>();
  for (const [name, value] of given) {
    if (!settings.has(flat(name))) refuse(`it has a setting that is not known here (${name})`);
    if (value === '') refuse(`the setting ${name} is empty`);
    if (flat(name) === 'tls' && value !== 'true' && value !== 'false') refuse('tls must be true or false');
    if (flat(name).startsWith('keepalive') && !(Number(value) >= 1000)) refuse(`${name} must be at least 1000 (ms)`);
    settingsGiven.set(flat(name), decodeURIComponent(value));
  }
  const hosts = beginning.slice(scheme.length + 2).split('@');
  if (hosts.length > 2) refuse('it holds more than one `@`; write those of a password as %40');
  if (!/^[\w.-]+(:\d+)?(,[\w.-]+(:\d+)?)*\/*$/.test(hosts.at(-1)!)) refuse('its hosts are not of the form name:port');
  if (hosts.length === 2 && !/^[^:/]+:[^:/]+$/.test(hosts[0]!)) refuse('before the `@` must stand user:password');
  if (settingsGiven.has('usercertfile') !== settingsGiven.has('userkeyfile'))
    refuse('userCertFile and userKeyFile go together');
  const kept = [...given].filter(([name]) => !flat(name).startsWith('keepalive'));
  if (!settingsGiven.has('connectionname')) kept.push(['connectionName', 'tributary']);
  return {
    url: `${schemes.get(scheme)}${beginning.slice(scheme.length).replace(/\/+$/, '')}?${kept.map(([name, value]) => `${name}=${value}`).join('&')}`,
    hosts: hosts.at(-1)!.replace(/\/+$/, ''),
    tls: settingsGiven.get('tls') !== 'false',
    files: {
      ca: settingsGiven.get('tlscafile'),
      certificate: settingsGiven.get('usercertfile'),
      key: settingsGiven.get('userkeyfile'),
    },
    keepAliveInterval_ms: Number(settingsGiven.get('keepaliveinterval') ?? KEEP_ALIVE.interval_ms),
    keepAliveTimeout_ms: Number(settingsGiven.get('keepalivetimeout') ?? KEEP_ALIVE.timeout_ms),
  };
};
