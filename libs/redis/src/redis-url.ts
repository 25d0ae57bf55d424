import { EngineError } from '@tributary/kernel';

export const ENGINE = 'Redis';

export interface RedisPlace {
  readonly cluster: boolean;
  /** The nodes are sentinels, who know which server is the primary of that name; with credentials of their own. */
  readonly sentinel?: { readonly primary: string; readonly username?: string; readonly password?: string };
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

const schemes: Readonly<Record<string, { readonly form: 'server' | 'sentinel' | 'cluster'; readonly tls: boolean }>> = {
  'redis:': { form: 'server', tls: false },
  'rediss:': { form: 'server', tls: true },
  'redis+sentinel:': { form: 'sentinel', tls: false },
  'rediss+sentinel:': { form: 'sentinel', tls: true },
  'redis+cluster:': { form: 'cluster', tls: false },
  'rediss+cluster:': { form: 'cluster', tls: true },
};
const ofSentinels = ['primary', 'sentinelUser', 'sentinelPassword'];
const parameters = ['prefix', 'ca', 'durability', 'replicas', ...ofSentinels];
const DEFAULT_PORT = 6379;
const SENTINELS_PORT = 26_379;
const MOST_REPLICAS = 9;

const refuse = (message: string): never => {
  throw new EngineError(ENGINE, 'fatal', message);
};

/**
 * `redis://[user[:password]@]host[:port][/db][?prefix=…]`; a cluster names several nodes: `redis+cluster://a:1,b:2`;
 * sentinels are asked for the primary: `redis+sentinel://a:1,b:2?primary=main`.
 */
export const parseRedisUrl = (url: string): RedisPlace => {
  // Never quoted in an error: it may hold a password.
  const parts = /^([a-z+]+:)\/\/(?:([^@/?]*)@)?([^@/?]+)(?:\/(\d*))?(?:\?(.*))?$/i.exec(url);
  if (!parts) return refuse('its URL must read redis://[user:password@]host[:port][/db][?prefix=…]');
  const [, protocol = '', credentials, hosts = '', db = '', query = ''] = parts;
  const scheme = schemes[protocol.toLowerCase()];
  if (!scheme) return refuse(`its URL begins with one of ${Object.keys(schemes).join('//, ')}//`);
  const { form, tls } = scheme;
  const port = form === 'sentinel' ? SENTINELS_PORT : DEFAULT_PORT;
  const nodes = hosts.split(',').map((node) => parseNode(node, port));
  if (form === 'server' && nodes.length > 1)
    return refuse('several nodes are a cluster, redis+cluster://a:6379,b:6379, or sentinels: redis+sentinel://a,b');
  if (form === 'cluster' && Number(db) !== 0) return refuse('a cluster has no databases: leave the number out');
  const options = new URLSearchParams(query);
  for (const name of options.keys())
    if (!parameters.includes(name)) return refuse(`its URL knows ?${parameters.join(', ?')}, not ?${name}`);
  const sentinel = parseSentinel(form === 'sentinel', options);
  const prefix = options.get('prefix') ?? 'tributary:';
  if (/[{}]/.test(prefix)) return refuse('a prefix without braces: those say which keys belong together');
  const durability = options.get('durability');
  if (durability !== null && durability !== 'asserted') return refuse('?durability can only be "asserted"');
  const replicas = options.get('replicas') ?? '0';
  if (!/^\d$/.test(replicas)) return refuse(`?replicas is a number from 0 to ${MOST_REPLICAS}`);
  const ca = options.get('ca');
  return {
    cluster: form === 'cluster',
    tls,
    nodes,
    db: Number(db),
    prefix,
    durabilityAsserted: durability === 'asserted',
    replicas: Number(replicas),
    ...parseCredentials(credentials ?? ''),
    ...(sentinel ? { sentinel } : {}),
    ...(ca ? { caFile: ca } : {}),
  };
};

const parseSentinel = (asked: boolean, options: URLSearchParams): RedisPlace['sentinel'] => {
  const [primary, username, password] = ofSentinels.map((name) => options.get(name));
  if (!asked) {
    const own = ofSentinels.find((name) => options.has(name));
    return own === undefined ? undefined : refuse(`?${own} is for sentinels: redis+sentinel://a:26379,b:26379`);
  }
  if (!primary) return refuse('sentinels are asked for a primary by its name: ?primary=…');
  return { primary, ...(username ? { username } : {}), ...(password ? { password } : {}) };
};

const parseNode = (text: string, defaultPort: number) => {
  const parts = /^(\[[0-9a-f:]+\]|[^:[\]]+)(?::(\d{1,5}))?$/i.exec(text);
  const port = Number(parts?.[2] ?? defaultPort);
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
