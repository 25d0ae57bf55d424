import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { documentsContract } from '@tributary/kernel/contracts';
import { openRedis } from '@tributary/redis';
import { type LocalRedis, startRedis, startRedisCluster } from '../../infra/local/redis.mjs';

const under = async (url: string) => {
  const place = `${url}?prefix=${randomUUID()}:`;
  let store = await openRedis(place);
  const reopen = async () => {
    await store.close();
    return (store = await openRedis(place));
  };
  return { documents: store.documents, seen: store.seen, reopen, close: () => store.close() };
};

describe('Redis', () => {
  let server: LocalRedis;
  beforeAll(async () => {
    server = await startRedis({ settings: { save: '', appendonly: 'yes', requirepass: 'p@ss/wörd' } });
  });
  afterAll(() => server.close());

  documentsContract('one server', () => under(server.url));
});

describe('a Redis cluster', () => {
  let cluster: Awaited<ReturnType<typeof startRedisCluster>>;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });
  afterAll(() => cluster.close());

  documentsContract('a cluster of three', () => under(cluster.url));

  it('has a key of each shard on every node', () => expect(cluster.nodes).toHaveLength(3));
});
