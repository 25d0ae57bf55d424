import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Profile } from '@tributary/domain';
import { type NativeEnvelope } from '@tributary/intake';
import { type ListedCustomer } from '@tributary/query';
import { startServer } from './command-line.js';

export interface Status {
  readonly channels: readonly {
    readonly channel: string;
    readonly accepted: number;
    readonly duplicates: number;
    readonly quarantined: number;
  }[];
  readonly customers: number;
  readonly touchpoints: number;
  readonly events: number;
  readonly lag: Readonly<Record<string, number>>;
}

/** What became of a merge or unmerge. */
export interface Decided {
  readonly status: string;
  readonly customers?: readonly string[];
}

/** A running platform, seen through its doors only. Reads are keyless on loopback; commands and SQL take its own token. */
export interface Platform {
  readonly dataDir: string;
  readonly hasSql: boolean;
  /** `undefined`: nobody is known by this. `asOf` as the API reads it: a date is the end of that day (UTC). */
  byIdentifier(type: string, value: string, asOf?: string): Promise<Profile | undefined>;
  byId(id: string): Promise<Profile | undefined>;
  /** Every customer, page by page. */
  all(): Promise<readonly ListedCustomer[]>;
  status(): Promise<Status>;
  /** Resolves when nothing waits any more, timers included. */
  settled(): Promise<Status>;
  deliver(channel: string, envelopes: readonly NativeEnvelope[]): Promise<void>;
  merge(id: string, other: string): Promise<Decided>;
  unmerge(id: string, subject: string): Promise<Decided>;
  /** Rows of a query; 64-bit integers and decimals as text. */
  sql(query: string): Promise<readonly Readonly<Record<string, string>>[]>;
  stop(): Promise<void>;
}

const PATIENCE_MS = 10 * 60_000;
const LOOK_MS = 200;

export const openPlatform = async (dataDir: string): Promise<Platform> => {
  const server = await startServer(dataDir);
  const { token } = JSON.parse(readFileSync(join(dataDir, 'server.json'), 'utf8')) as { token: string };
  const { url, sqlUrl } = server;

  const get = async <T>(path: string, query: Readonly<Record<string, string | undefined>> = {}): Promise<T | undefined> => {
    const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const answer = await fetch(`${url}${path}?${new URLSearchParams(given).toString()}`);
    if (answer.status === 404) return void (await answer.arrayBuffer());
    return read<T>(answer);
  };
  const post = async <T>(path: string, body: unknown): Promise<T> =>
    read<T>(
      await fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
      }),
    );
  const status = async (): Promise<Status> => (await get<Status>('/v1/status')) as Status;
  const decided = (outcome: Decided): Decided => {
    if (outcome.status !== 'done') throw new Error(`a command is ${outcome.status} after the server's patience`);
    return outcome;
  };

  return {
    dataDir,
    hasSql: sqlUrl !== null,
    byIdentifier: (type, value, asOf) =>
      get<Profile>('/v1/customers', { identifier_type: type, identifier_value: value, as_of: asOf }),
    byId: (id) => get<Profile>(`/v1/customers/${id}`),
    all: async () => {
      const customers: ListedCustomer[] = [];
      let after: string | undefined;
      do {
        const page = await get<{ customers: ListedCustomer[]; next: string | null }>('/v1/customers', {
          limit: '200',
          after,
        });
        customers.push(...(page?.customers ?? []));
        after = page?.next ?? undefined;
      } while (after !== undefined);
      return customers;
    },
    status,
    settled: async () => {
      const until = Date.now() + PATIENCE_MS;
      let mark = '';
      for (let quiet = 0; ; await sleep(LOOK_MS)) {
        const now = await status();
        const waiting = Object.values(now.lag).reduce((sum, records) => sum + records, 0);
        const is = `${waiting} ${now.events}`;
        quiet = waiting === 0 && is === mark ? quiet + 1 : 0;
        mark = is;
        if (quiet >= 3) return now;
        if (Date.now() > until) throw new Error(`${waiting} records still wait after ten minutes`);
      }
    },
    deliver: async (channel, envelopes) => {
      const answer = await post<{ rejected: number }>(`/v1/touchpoints?channel=${channel}`, envelopes);
      if (answer.rejected > 0) throw new Error(`the door refused ${answer.rejected} touchpoints of ${channel}`);
    },
    merge: async (id, other) =>
      decided(await post(`/v1/customers/${id}/merge`, { with: other, reason: 'check:data' })),
    unmerge: async (id, subject) =>
      decided(await post(`/v1/customers/${id}/unmerge`, { subject, reason: 'check:data' })),
    sql: async (query) => {
      if (sqlUrl === null) throw new Error('the platform has no SQL listener');
      const answer = await fetch(`${sqlUrl}/?default_format=JSONEachRow&output_format_json_quote_decimals=1`, {
        method: 'POST',
        headers: { authorization: `Basic ${Buffer.from(`${token}:`).toString('base64')}` },
        body: query,
      });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text.slice(0, 1_000));
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Record<string, string>);
    },
    stop: () => server.stop(),
  };
};

const read = async <T>(answer: Response): Promise<T> => {
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${answer.url.replace(/\?.*/, '')} answered ${answer.status}: ${text.slice(0, 500)}`);
  return JSON.parse(text) as T;
};
