import { EngineError } from '@tributary/kernel';

export const ENGINE = 'Redis';

export interface RedisPlace {
  readonly cluster: boolean;
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly db: number;
  readonly username?: string;
  readonly password?: string;
  readonly tls: boolean;
  /** File of the authority that signed the server's certificate; absent: those that Node trusts. */
  readonly caFile?: string;
  /** Before every key, so that several platforms can share one Redis. */
  readonly prefix: string;
  /** The operator vouches for what a Redis that forbids CONFIG does not show. */
  readonly durabilityAsserted: boolean;
  /** How many replicas must hold a write before it is answered; 0: the primary alone answers for it. */
  readonly replicas: number;
}

const schemes: Readonly<Record<string, { readonly cluster: boolean; readonly tls: boolean }>> = {
  'redis:': { cluster: false, tls: false },
  'rediss:': { cluster: false, tls: true },
  'redis+cluster:': { cluster: true, tls: false },
  'rediss+cluster:': { cluster: true, tls: true },
};
const parameters = ['prefix', 'ca', 'durability', 'replicas'];
const DEFAULT_PORT = 6379;
const MOST_REPLICAS = 9;

const refuse = (message: string): never => {
  throw new EngineError(ENGINE, 'fatal', message);
};

/** `redis://[user[:password]@]host[:port][/db][?prefix=…]`; a cluster names several nodes: `redis+cluster://a:1,b:2`. */
export const parseRedisUrl = (url: string): RedisPlace => {
  // Never quoted in an error: it may hold a password.
  const parts = /^([a-z+]+:)\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/(\d*))?(?:\?(.*))?$/i.exec(url);
  if (!parts) return refuse('its URL must read redis://[user:password@]host[:port][/db][?prefix=…]');
  const [, protocol = '', credentials, hosts = '', db = '', query = ''] = parts;
  const scheme = schemes[protocol.toLowerCase()];
  if (!scheme) return refuse(`its URL begins with one of ${Object.keys(schemes).join('//, ')}//`);
  const nodes = hosts.split(',').map(parseNode);
  if (!scheme.cluster && nodes.length > 1) return refuse('several nodes are a cluster: redis+cluster://a:6379,b:6379');
  if (scheme.cluster && Number(db) !== 0) return refuse('a cluster has no databases: leave the number out');
  const options = new URLSearchParams(query);
  for (const name of options.keys())
    if (!parameters.includes(name)) return refuse(`its URL knows ?${parameters.join(', ?')}, not ?${name}`);
  const prefix = options.get('prefix') ?? 'tributary:';
  if (/[{}]/.test(prefix)) return refuse('a prefix without braces: those say which keys belong together');
  const durability = options.get('durability');
  if (durability !== null && durability !== 'asserted') return refuse('?durability can only be "asserted"');
  const replicas = options.get('replicas') ?? '0';
  if (!/^\d$/.test(replicas)) return refuse(`?replicas is a number from 0 to ${MOST_REPLICAS}`);
  const ca = options.get('ca');
  return {
    ...scheme,
    nodes,
    db: Number(db),
    prefix,
    durabilityAsserted: durability === 'asserted',
    replicas: Number(replicas),
    ...parseCredentials(credentials ?? ''),
    ...(ca ? { caFile: ca } : {}),
  };
};

const parseNode = (text: string) => {
  const parts = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(parts?.[2] ?? DEFAULT_PORT);
  if (!parts || port < 1 || port > 65_535) return refuse('its URL names hosts as host[:port]');
  return { host: (parts[1] as string).replace(/^\[|\]$/g, ''), port };
};

const parseCredentials = (text: string): { readonly username?: string; readonly password?: string } => {
  const at = text.indexOf(':');
  const [user, password] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
  return {
    ...(user ? { username: decodeURIComponent(user) } : {}),
    ...(password ? { password: decodeURIComponent(password) } : {}),
  };
};
