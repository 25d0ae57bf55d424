import { describe, expect, test } from '@jest/globals';
import { type Warehouse } from '@tributary/kernel';
import { sureIntakeFences } from './fences.js';

const PLACE = '/clickhouse/tables/1/tributary/fct_orders_local';

/** A server of a cluster, as far as it is asked here. */
const server = (pending: readonly string[], cluster?: string): Warehouse & { readonly asked: string[] } => {
  const asked: string[] = [];
  return {
    ...(cluster === undefined ? {} : { cluster }),
    asked,
    query: async <Row>(sql: string) => {
      asked.push(/system\.\w+/.exec(sql)?.[0] ?? 'fences');
      if (sql.includes('system.replicas')) return [{ path: PLACE }] as Row[];
      if (sql.includes('system.zookeeper')) return pending.map((path) => ({ path })) as Row[];
      return [{ t: 'raw_touchpoints', position: 7 }] as Row[];
    },
    migrate: async () => undefined,
    insert: async () => undefined,
    command: async () => undefined,
    close: async () => undefined,
  };
};

describe('how far tables have come', () => {
  test('is not asked on a cluster while too few replicas have what was written last', async () => {
    const waiting = server([`${PLACE}/quorum`], 'ours');
    await expect(sureIntakeFences(waiting)).rejects.toMatchObject({ failure: 'retriable' });
    await expect(sureIntakeFences(waiting)).rejects.toThrow('fct_orders_local');
    expect(waiting.asked).not.toContain('fences');
  });

  test('is asked after that, and of one server at once', async () => {
    const settled = server([], 'ours');
    expect(await sureIntakeFences(settled)).toEqual(new Map([['raw_touchpoints', 7]]));
    expect(settled.asked).toEqual(['system.replicas', 'system.zookeeper', 'fences']);
    const alone = server([`${PLACE}/quorum`]);
    expect(await sureIntakeFences(alone)).toEqual(new Map([['raw_touchpoints', 7]]));
    expect(alone.asked).toEqual(['fences']);
  });
});
