import { EngineError } from '@tributary/kernel';

export interface ClickHousePlace {
  /** Without credentials, database and parameters. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly database?: string;
  readonly cluster?: string;
}

const refuse = (message: string): never => {
  throw new EngineError('clickhouse', 'fatal', message);
};

/** `http[s]://[user[:password]@]host:8123[/database][?cluster=name]`. */
export const parseClickHouseUrl = (text: string): ClickHousePlace => {
  // Never quoted in an error: it may hold a password.
  const url = URL.canParse(text)
    ? new URL(text)
    : refuse('its URL must read http://[user:password@]host:8123[/database]');
  if (!['http:', 'https:'].includes(url.protocol)) return refuse('its URL begins with http:// or https://');
  for (const name of url.searchParams.keys())
    if (name !== 'cluster') return refuse(`its URL knows ?cluster, not ?${name}`);
  const database = decodeURIComponent(url.pathname.replace(/^\/|\/$/g, ''));
  if (!/^\w*$/.test(database)) return refuse('a database of letters, digits and _');
  const cluster = url.searchParams.get('cluster');
  return {
    url: url.origin,
    ...(url.username ? { username: decodeURIComponent(url.username) } : {}),
    ...(url.password ? { password: decodeURIComponent(url.password) } : {}),
    ...(database ? { database } : {}),
    ...(cluster ? { cluster } : {}),
  };
};
