import { readFileSync } from 'node:fs';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { EngineError } from '@tributary/kernel';
import { reasonOf } from './redis-errors.js';
import { ENGINE, type RedisPlace } from './redis-url.js';

export type RedisClient = Redis | Cluster;

export interface Patience {
  /** A command without an answer by then is *unknown*, and its connection is given up. */
  readonly commandTimeout_ms: number;
  readonly connectTimeout_ms: number;
}

const FIRST_BACKOFF_MS = 50;
const LONGEST_BACKOFF_MS = 2_000;
const HANG_UP_MS = 500;
const REDIRECTIONS = 8;
/** One after the other may keep us waiting; and of a cluster that answers those that it names, too. */
const TRIES = 2;
/** The client keeps to itself what became of the connection by which it asks a cluster. */
const NO_TLS = 'no TLS came about: its certificate is not trusted (?ca=) or for another name, or it speaks none';

const backoff_ms = (attempt: number): number =>
  Math.min(FIRST_BACKOFF_MS * 2 ** Math.min(attempt, 10), LONGEST_BACKOFF_MS);

const connectionOf = (place: RedisPlace, patience: Patience): RedisOptions => ({
  ...(place.username === undefined ? {} : { username: place.username }),
  ...(place.password === undefined ? {} : { password: place.password }),
  ...(place.tls ? { tls: place.caFile ? { ca: readFileSync(place.caFile) } : {} } : {}),
  commandTimeout: patience.commandTimeout_ms,
  connectTimeout: patience.connectTimeout_ms,
  disconnectTimeout: HANG_UP_MS,
  // What was on its way when the connection broke fails at once: the caller knows whether it may be sent again. With any
  // other number of retries and no resending the client would leave it unsettled.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // It would tell the server the client's version, by a command that old servers do not know and few users may call.
  disableClientInfo: true,
});

/** Whoever answers says which server is the primary; that server is asked, too, whether it is. */
const sentinelsOf = (
  { nodes, tls, caFile }: RedisPlace,
  { primary, username, password }: NonNullable<RedisPlace['sentinel']>,
  { connectTimeout_ms, commandTimeout_ms }: Patience,
  isOpen: () => boolean,
): RedisOptions => ({
  name: primary,
  sentinels: nodes.map((node) => ({ ...node })),
  ...(username === undefined ? {} : { sentinelUsername: username }),
  ...(password === undefined ? {} : { sentinelPassword: password }),
  ...(tls ? { enableTLSForSentinelMode: true, sentinelTLS: caFile ? { ca: readFileSync(caFile) } : {} } : {}),
  sentinelCommandTimeout: commandTimeout_ms,
  connectTimeout: connectTimeout_ms,
  // Where none of them knows, opening fails; who is open asks them again for ever, since the client would give up for good.
  sentinelRetryStrategy: (attempt) => (isOpen() ? backoff_ms(attempt) : null),
});

const single = (place: RedisPlace, patience: Patience, isOpen: () => boolean): Redis =>
  new Redis({
    ...connectionOf(place, patience),
    ...(place.sentinel ? sentinelsOf(place, place.sentinel, patience, isOpen) : place.nodes[0]),
    db: place.db,
    lazyConnect: true,
    // While there is no connection a command fails at once; waiting is the pipeline's business, which has bounds.
    enableOfflineQueue: false,
    retryStrategy: backoff_ms,
  });

const cluster = (place: RedisPlace, patience: Patience): Cluster =>
  new Cluster([...place.nodes], {
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: backoff_ms,
    maxRedirections: REDIRECTIONS,
    slotsRefreshTimeout: patience.connectTimeout_ms,
    // The client would look up the nodes' addresses first, which no certificate knows; the connection does it itself.
    ...(place.tls ? { dnsLookup: (name, found) => found(null, name) } : {}),
    redisOptions: {
      ...connectionOf(place, patience),
      // A cluster's client cannot tell which node kept us waiting; it gives up the one that was silent for so long.
      socketTimeout: 2 * patience.commandTimeout_ms,
    },
  });

/** Connected, or an error that says why not; it reconnects by itself from then on. */
export const connect = async (place: RedisPlace, patience: Patience): Promise<RedisClient> => {
  let isOpen = false;
  const client = place.cluster ? cluster(place, patience) : single(place, patience, () => isOpen);
  let reason: unknown;
  // The connection's own errors also reach each command that they hurt; here they only explain a failed opening.
  client.on('error', (error) => (reason = error));
  // Of a cluster the client says in the end only that none of its nodes will do.
  let ofNode: unknown;
  client.on('node error', (error) => (ofNode = error));
  try {
    await within(client.connect(), (place.nodes.length + TRIES) * patience.connectTimeout_ms);
    isOpen = true;
    return client;
  } catch (error) {
    client.disconnect();
    const nodes = place.nodes.map(({ host, port }) => `${host}:${port}`).join(', ');
    const { failure, message } = reasonOf(ofNode ?? reason ?? error);
    // Nothing was asked yet that could have happened or not.
    const kind = failure === 'unknown' ? 'retriable' : failure;
    const isCut = place.cluster && place.tls && message === 'Connection is closed.';
    throw new EngineError(ENGINE, kind, `cannot be reached at ${nodes}: ${isCut ? NO_TLS : message}`);
  }
};

/** Whoever speaks no TLS where it is awaited keeps the client of a cluster trying for ever. */
const within = async (connecting: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('connect ETIMEDOUT: its nodes take connections, and say nothing')), ms);
  });
  connecting.catch(() => undefined);
  await Promise.race([connecting, late]).finally(() => clearTimeout(timer));
};
