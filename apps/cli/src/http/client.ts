import { randomUUID } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { failureOfAnswer, unreachable } from './answer-failure.js';
import {
  type Accepted,
  type BackupMade,
  type CommandOutcome,
  type Explanation,
  type Identifier,
  type Profile,
  type ListedCustomer,
  type QuarantineItem,
  type QuarantinePage,
  type SettledAs,
  type SegmentDoor,
  type Status,
  type TimelinePage,
  type Verification,
  type When,
  type Who,
} from './api.js';
import { type Answer, type NewToken, openExchange, type Request } from './exchange.js';
import { patiently } from './retry.js';
import { type WarehouseDoor } from '../settings.js';

export interface ClientOptions {
  readonly url: string;
  /** Where touchpoints are taken, if not there. */
  readonly doorsUrl?: string;
  readonly sqlUrl: string | null;
  /** Whose users are its own, and which serves more than us; absent: our own listener, which takes the token. */
  readonly warehouse?: WarehouseDoor;
  readonly token: string | null;
  /** Asked where the token is not known any more. */
  readonly newToken?: NewToken;
  /** Ends reads and commands that are under way; deliveries go on to their acknowledgement. */
  readonly signal?: AbortSignal;
  /** How long a read or a command puts up with a server that is busy or away. */
  readonly patience_ms?: number;
  /** How long a delivery does: pressure is normal there. */
  readonly deliveryPatience_ms?: number;
  readonly onWait?: (ms: number) => void;
}

/** The server's doors, typed. Everything here may be repeated: message ids and idempotency keys make that harmless. */
export interface Client {
  readonly url: string;
  readonly sqlUrl: string | null;
  status(): Promise<Status>;
  find(who: Who, when?: When): Promise<Profile>;
  list(
    limit: number,
    after?: string,
  ): Promise<{ readonly customers: readonly ListedCustomer[]; readonly next: string | null }>;
  timeline(id: string, limit: number, before?: string): Promise<TimelinePage>;
  explain(id: string, path: string, when?: When): Promise<Explanation>;
  merge(id: string, other: string, reason: string): Promise<CommandOutcome>;
  unmerge(
    id: string,
    part: ({ readonly from: string } | { readonly identifier: Identifier }) & {
      /** Whom it is taken away from, where that is known by an identifier. */
      readonly stays?: Identifier;
    },
    reason: string,
  ): Promise<CommandOutcome>;
  /** `key`: the same again is the same erasure, and asks what became of it. */
  erase(id: string, reason: string, key: string): Promise<CommandOutcome>;
  /** Ends the retention of all input that has had its effect. */
  endRetention(reason: string): Promise<Readonly<Record<string, unknown>>>;
  quarantined(): Promise<readonly { readonly channel: string; readonly held: number }[]>;
  quarantine(
    channel: string,
    options: {
      readonly after?: string;
      readonly limit: number;
      readonly bytes: boolean;
      /** Those that wait, unless told. */
      readonly state?: 'held' | 'settled' | 'all';
    },
  ): Promise<QuarantinePage>;
  /** That items wait no longer; at most 1,000 at once. Answers how many did until now. */
  settle(channel: string, offsets: readonly number[], as: SettledAs, reason?: string): Promise<number>;
  verify(): Promise<Verification>;
  /** Answers how the projections stood before: those that differed were made anew like the rest. */
  rebuild(): Promise<Verification>;
  /** `folder`: on the server's machine. */
  backup(folder: string): Promise<BackupMade>;
  /** `body` is a JSON list of native envelopes. `undefined`: too large for the door, send less at once. */
  deliver(channel: string, body: string, key?: string): Promise<Accepted | undefined>;
  /** What is held at `offset`, once more to the Segment door: what is not understood is refused, not held again. */
  replaySegment(channel: string, offset: number, call: SegmentDoor, event: string): Promise<Answer>;
  /** As `replaySegment`, of a CloudEvent in its JSON format. */
  replayCloudEvent(channel: string, offset: number, event: string): Promise<Answer>;
  putAside(channel: string, items: readonly QuarantineItem[]): Promise<void>;
  /** A ClickHouse query; the answer as it comes. Any status. */
  sql(query: string, format: string | null): Promise<IncomingMessage>;
  close(): void;
}

const json = { 'content-type': 'application/json' };

export const openClient = (options: ClientOptions): Client => {
  const { url, sqlUrl, token, signal, patience_ms = 30_000, deliveryPatience_ms = 15 * 60_000, onWait } = options;
  const { doorsUrl = url, warehouse, newToken } = options;
  const authorization = warehouse?.authorization ?? (token && `Basic ${Buffer.from(`${token}:`).toString('base64')}`);
  const exchange = openExchange(url, token, newToken);
  const doors = doorsUrl === url ? exchange : openExchange(doorsUrl, token, newToken);
  const sqlExchange = sqlUrl === null ? null : openExchange(sqlUrl, null);

  const ask = async (request: Request, total_ms = patience_ms): Promise<Answer> => {
    try {
      return await patiently(() => exchange.send(signal ? { signal, ...request } : request), {
        total_ms,
        ...(signal ? { signal } : {}),
        ...(onWait ? { onWait } : {}),
      });
    } catch (error) {
      throw unreachable(error, url);
    }
  };
  const get = async <T>(path: string): Promise<T> => read<T>(await ask({ method: 'GET', path }));
  const command = async <T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<T> =>
    read<T>(await ask({ method: 'POST', path, body: JSON.stringify(body), headers: { ...json, ...headers } }));
  const order = (path: string, body: unknown, key: string = randomUUID()) =>
    command<CommandOutcome>(path, body, { 'idempotency-key': key });
  const delivery = async (path: string, body: string, more: Record<string, string> = {}): Promise<Answer> => {
    try {
      const headers = { ...json, ...more };
      return await patiently(() => doors.send({ method: 'POST', path, body, headers }), {
        total_ms: deliveryPatience_ms,
        ...(onWait ? { onWait } : {}),
      });
    } catch (error) {
      throw unreachable(error, doorsUrl);
    }
  };

  return {
    url,
    sqlUrl,
    status: () => get('/v1/status'),
    find: (who, when) =>
      get(
        'id' in who
          ? `/v1/customers/${encode(who.id)}${query(moments(when))}`
          : `/v1/customers${query({ identifier_type: who.type, identifier_value: who.value, ...moments(when) })}`,
      ),
    list: (limit, after) => get(`/v1/customers${query({ limit: String(limit), after })}`),
    timeline: (id, limit, before) =>
      get(`/v1/customers/${encode(id)}/timeline${query({ limit: String(limit), before })}`),
    explain: (id, path, when) => get(`/v1/customers/${encode(id)}/explain${query({ path, ...moments(when) })}`),
    merge: (id, other, reason) => order(`/v1/customers/${encode(id)}/merge`, { with: other, reason }),
    unmerge: (id, part, reason) => order(`/v1/customers/${encode(id)}/unmerge`, { ...part, reason }),
    erase: (id, reason, key) => order(`/v1/customers/${encode(id)}/erase`, { reason }, key),
    endRetention: (reason) => command('/v1/ops/end-retention', { reason }),
    quarantined: async () =>
      (await get<{ channels: readonly { channel: string; held: number }[] }>('/v1/quarantine')).channels,
    quarantine: async (channel, { after, limit, bytes, state }) => {
      const path = `/v1/quarantine${query({ channel, after, limit: String(limit), bytes: bytes ? 'true' : undefined, state })}`;
      return read(await ask({ method: 'GET', path, headers: { 'x-tributary-intent': 'show' } }));
    },
    settle: async (channel, offsets, as, reason) =>
      (await command<{ settled: number }>('/v1/quarantine/settle', { channel, offsets, as, reason })).settled,
    verify: () => command('/v1/ops/verify', {}),
    rebuild: () => command('/v1/ops/rebuild', {}),
    backup: (folder) => command('/v1/ops/backup', { folder }),
    deliver: async (channel, body, key) => {
      const answer =
        key === undefined
          ? await delivery(`/v1/touchpoints${query({ channel })}`, body)
          : await delivery('/v1/touchpoints', body, { authorization: `Bearer ${key}` });
      if (answer.status === 413) return undefined;
      // Of a request of which nothing could be kept, the items say why.
      return answer.status === 422 ? (JSON.parse(answer.text) as Accepted) : read<Accepted>(answer);
    },
    replaySegment: (channel, offset, call, event) =>
      delivery(
        `/v1/${call}${query({ channel, replay: String(offset) })}`,
        call === 'batch' ? `{"batch":[${event}]}` : event,
      ),
    replayCloudEvent: (channel, offset, event) =>
      delivery(`/v1/cloudevents${query({ channel, replay: String(offset) })}`, event, {
        'content-type': 'application/cloudevents+json',
      }),
    putAside: async (channel, items) => {
      read(await delivery(`/v1/quarantine${query({ channel })}`, JSON.stringify({ items })));
    },
    sql: async (text, format) => {
      if (sqlExchange === null)
        throw failureOfAnswer({
          status: 503,
          headers: {},
          text: noSql,
        });
      const headers: Record<string, string> = {
        'content-type': 'text/plain; charset=utf-8',
        ...(authorization === null ? {} : { authorization }),
      };
      try {
        return await sqlExchange.stream({
          method: 'POST',
          // As with our own listener: who asks changes nothing.
          path: `/${query({ default_format: format ?? undefined, ...(warehouse ? { database: warehouse.database, readonly: '1' } : {}) })}`,
          body: text,
          headers,
          ...(signal ? { signal } : {}),
        });
      } catch (error) {
        throw unreachable(error, sqlUrl ?? url);
      }
    },
    close: () => {
      exchange.close();
      doors.close();
      sqlExchange?.close();
    },
  };
};

const noSql = JSON.stringify({
  error: {
    message: 'nothing answers SQL here',
    remedy: 'name its ClickHouse: --sql-url, or TRIBUTARY_SQL_URL (one server: start it with --sql-port)',
  },
});

const read = <T>(answer: Answer): T => {
  if (answer.status < 200 || answer.status > 299) throw failureOfAnswer(answer);
  return JSON.parse(answer.text) as T;
};

const encode = encodeURIComponent;

const query = (values: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`;
};

const moments = (when: When = {}): Record<string, string | undefined> => ({ as_of: when.asOf, known_at: when.knownAt });
