import { isChannelName } from '@tributary/domain';
import { type FastifyInstance, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import { Refusal, RETRY_AFTER_S } from '../refusal.js';
import { type AccessKeys, type Grant, KeysDamaged, type Role } from './access-keys.js';
import { isForeignFetch, isForwarded, isLoopback, isOwnHost, isOwnOrigin } from './own-origin.js';

/**
 * What a route asks of its caller; stands in the route's config (`@RouteConfig({ needs: … })` on Nest's). A route that
 * says nothing is for admins.
 * - `nobody`: whether the server lives, without any data.
 * - `write`: a channel's key, or an admin's with `?channel=`. Always, loopback or not.
 * - `read`: on loopback nothing, unless a proxy handed it on; else a key with a role.
 * - `admin`: there nothing but the word that no other site's form sent it, else an admin's key.
 */
export type Needs = 'nobody' | 'write' | 'read' | 'admin';

export interface Caller {
  readonly grant: Grant | undefined;
  /** What the caller may do on this server: its role, or what loopback gives to anyone. */
  readonly role: Role | undefined;
  /** Names the caller in decisions: the kind of key, never the key. */
  readonly name: string;
}

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller;
  }
  interface FastifyContextConfig {
    needs?: Needs;
  }
}

export interface GateOptions {
  readonly keys: AccessKeys;
  /** The address that the server is bound to. */
  readonly host: string;
  /** The port in the Host header where a request has no socket (tests by `inject`). */
  readonly port: number;
  /** Told once of a key file that is damaged; whoever asks hears no path. */
  readonly logger?: Logger;
}

const basic = /^basic\s+([A-Za-z0-9+/_-]+=*)$/i;
const bearer = /^bearer\s+(\S+)$/i;

/** The key in an Authorization header: the user name of Basic, or the token of Bearer. */
export const keyOf = (authorization: string | undefined): string | undefined => {
  if (authorization === undefined) return undefined;
  const encoded = basic.exec(authorization)?.[1];
  if (encoded === undefined) return bearer.exec(authorization)?.[1];
  const text = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = text.indexOf(':');
  return colon < 0 ? text : text.slice(0, colon);
};

const asks = { 'www-authenticate': 'Basic realm="tributary", charset="UTF-8"' };

const nobody = (message: string, remedy: string): Refusal =>
  new Refusal(401, 'key_needed', message, remedy, 'Authorization', asks);

/** Root hook: runs before any body is read. */
export const guard = (fastify: FastifyInstance, { keys, host, port, logger }: GateOptions): void => {
  const loopback = isLoopback(host);
  let damage: KeysDamaged | undefined;
  fastify.decorateRequest('caller', null as unknown as Caller);
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      checkOrigin(request, loopback, port);
      request.caller = callerOf(request, keys, loopback);
      done();
    } catch (error) {
      if (!(error instanceof KeysDamaged)) return done(error as Error);
      if (error !== damage) logger?.error({ err: error }, 'no key is known');
      damage = error;
      done(keysUnread());
    }
  });
};

/** Not 401: the key may well be one, and a sender that hears 401 lets its touchpoints go. */
const keysUnread = (): Refusal =>
  new Refusal(
    503,
    'keys_damaged',
    'the file of access keys, access-keys.json, cannot be read',
    'restore it on the server, or delete it and make new keys with `tributary key create`; then try again',
    null,
    { 'retry-after': RETRY_AFTER_S.full },
  );

const checkOrigin = (request: FastifyRequest, loopback: boolean, port: number): void => {
  const { headers } = request.raw;
  if (loopback && !isOwnHost(headers.host, request.raw.socket.localPort ?? port))
    throw new Refusal(
      403,
      'foreign_host',
      'the Host header does not name this server',
      'address it as localhost, 127.0.0.1 or [::1] with its port',
      'Host',
    );
  if (!isOwnOrigin(headers.origin, headers.host) || isForeignFetch(headers))
    throw new Refusal(
      403,
      'foreign_origin',
      'another site’s page may not ask',
      'call from a server, or from the page that this server serves',
      'Origin',
    );
};

/** Whether the server lives is told also to whoever holds a key that cannot be looked up. */
const grantOf = (token: string, keys: AccessKeys, needs: Needs): Grant | undefined => {
  try {
    return keys.find(token);
  } catch (error) {
    if (needs === 'nobody' && error instanceof KeysDamaged) return undefined;
    throw error;
  }
};

const callerOf = (request: FastifyRequest, keys: AccessKeys, onLoopback: boolean): Caller => {
  // What a proxy on this machine hands on comes from anywhere.
  const loopback = onLoopback && !isForwarded(request.raw.headers);
  const needs: Needs = request.routeOptions.config?.needs ?? (request.is404 ? 'nobody' : 'admin');
  const token = keyOf(request.raw.headers.authorization);
  const grant = token === undefined ? undefined : grantOf(token, keys, needs);
  if (request.raw.headers.authorization !== undefined && grant === undefined && needs !== 'nobody')
    throw nobody(
      'the key is not known',
      'send a key made with `tributary key create`, as Basic user name or Bearer token',
    );
  if (needs === 'admin' || needs === 'read') checkIntent(request, needs);
  const role =
    grant?.kind === 'role' ? grant.role : loopback && grant === undefined ? 'admin' : loopback ? 'read' : undefined;
  const caller: Caller = {
    grant,
    role,
    name: grant === undefined ? 'local' : grant.kind === 'role' ? `key:${grant.role}` : `channel:${grant.channel}`,
  };
  if (needs === 'nobody' || mayDo(caller, needs)) return caller;
  if (grant === undefined) throw nobody('this door asks for a key', remedyFor[needs]);
  throw new Refusal(403, 'key_not_enough', 'this key does not open this door', remedyFor[needs], 'Authorization');
};

/** Whether the key that a request came with still is one; where it came with none, none can be revoked. */
export const keyHolds = (request: FastifyRequest, keys: AccessKeys): boolean => {
  const token = keyOf(request.raw.headers.authorization);
  try {
    return token === undefined || keys.find(token) !== undefined;
  } catch {
    // A damaged file lets nobody in.
    return false;
  }
};

const mayDo = ({ grant, role }: Caller, needs: Exclude<Needs, 'nobody'>): boolean => {
  if (needs === 'write') return grant?.kind === 'write' || (grant?.kind === 'role' && grant.role === 'admin');
  return needs === 'admin' ? role === 'admin' : role !== undefined;
};

const remedyFor: Readonly<Record<Exclude<Needs, 'nobody'>, string>> = {
  write: 'send a write key (`tributary key create --channel <name>`) as Basic user name or Bearer token',
  read: 'send a key with a role (`tributary key create --role read`) as Basic user name or Bearer token',
  admin: 'send an admin key (`tributary key create --role admin`) as Basic user name or Bearer token',
};

/**
 * A form or an image of another site can make a browser send what the browser holds (loopback's trust, a remembered
 * Basic key), but neither a JSON content type nor a header of its own without asking us first.
 */
const checkIntent = (request: FastifyRequest, needs: Needs): void => {
  if (request.method === 'GET' || request.method === 'HEAD') return;
  const { headers } = request.raw;
  if (headers['x-tributary-intent'] !== undefined || /^application\/json\b/i.test(headers['content-type'] ?? ''))
    return;
  throw new Refusal(
    415,
    'intent_needed',
    `a${needs === 'admin' ? ' command' : ' request'} must say that it is meant`,
    'send content-type: application/json, or an X-Tributary-Intent header',
    'Content-Type',
  );
};

/** The channel that a write request is for. Throws where the key names none and the query gives none. */
export const channelOf = (request: FastifyRequest, isChannel: (name: string) => boolean): string => {
  const { grant } = request.caller;
  const asked = (request.query as Record<string, unknown>)['channel'];
  if (grant?.kind === 'write') {
    if (asked === undefined || asked === grant.channel) return grant.channel;
    throw new Refusal(
      403,
      'channel_mismatch',
      'the key is of another channel',
      'leave ?channel= out: the write key names the channel',
      'channel',
    );
  }
  if (typeof asked === 'string' && isChannelName(asked) && isChannel(asked)) return asked;
  throw new Refusal(
    400,
    asked === undefined ? 'channel_needed' : 'unknown_channel',
    asked === undefined ? 'no channel is named' : 'there is no such channel',
    'name a channel that has a file in channels/ or a write key: ?channel=<name>',
    'channel',
  );
};
