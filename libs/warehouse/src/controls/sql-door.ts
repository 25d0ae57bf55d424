import { afterAll, beforeAll } from '@jest/globals';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { type AnsweredQuery } from '../sql/serve-requests.js';
import { sqlListener, type SqlListener } from '../sql/sql-listener.js';
import { ownWarehouse } from './own-warehouse.js';

export interface Told {
  readonly status: number;
  readonly code: number;
  readonly text: string;
  readonly headers: Headers;
}

export interface SqlDoor {
  readonly url: string;
  readonly warehouse: ChdbWarehouse;
  /** What the door has said of the statements that it has answered. */
  readonly answered: readonly AnsweredQuery[];
  ask(sql: string, query?: Record<string, string>, init?: RequestInit): Promise<Told>;
}

/**
 * For a suite: a door with narrow limits before an engine of its own, which holds two orders of 12.3456 and 1 EUR. That of time
 * is narrow only where a suite says so: elsewhere a machine that has much else to do must not meet it.
 */
export const ownSqlDoor = ({ maxExecution_s = 30 }: { readonly maxExecution_s?: number } = {}): SqlDoor => {
  let warehouse: ChdbWarehouse;
  let listener: SqlListener;
  let url = '';
  const answered: AnsweredQuery[] = [];
  // Before the engine closes: jest runs these in the order in which they stand.
  afterAll(() => listener.close());
  ownWarehouse((opened) => (warehouse = opened));

  beforeAll(async () => {
    await warehouse.insert({
      table: 'fct_orders',
      columns: ['order_id', 'event', 'subject_id', 'amount', 'currency', 'occurred_at'],
      rows: [
        ['o1', 'placed', 's_0', 123_456, 'EUR', 1_000],
        ['o2', 'placed', 's_1', 10_000, 'EUR', 2_000],
      ],
    });
    listener = await sqlListener({
      warehouse,
      host: '127.0.0.1',
      port: 0,
      authorize: ({ user, password, absent }) =>
        absent || (user === 'ana' && password === 'key:1') || user === 'default',
      accepts: ({ headers }) => !/evil/.test(headers.host ?? ''),
      limits: { maxExecution_s, maxMemory_bytes: 200_000_000, maxResult_bytes: 20_000_000 },
      onQuery: (query) => answered.push(query),
    });
    url = `http://127.0.0.1:${listener.port}/`;
  });

  return {
    get url() {
      return url;
    },
    get warehouse() {
      return warehouse;
    },
    answered,
    ask: async (sql, query = {}, init = {}) => {
      const response = await fetch(`${url}?${new URLSearchParams(query).toString()}`, {
        method: 'POST',
        body: sql,
        ...init,
      });
      const code = Number(response.headers.get('x-clickhouse-exception-code') ?? 0);
      return { status: response.status, code, text: await response.text(), headers: response.headers };
    },
  };
};
