import { EngineError, type Warehouse } from '@tributary/kernel';

const ENGINE = 'clickhouse';

/** A batch that reached some shards only would look loaded: the fence is the highest position of all of them. */
export const requireOneShard = async (query: Warehouse['query'], cluster: string): Promise<void> => {
  const [row] = await query<{ shards: number }>(
    'SELECT uniqExact(shard_num) AS shards FROM system.clusters WHERE cluster = {cluster:String}',
    { params: { cluster } },
  );
  const shards = Number(row?.shards ?? 0);
  if (shards === 0) throw new EngineError(ENGINE, 'fatal', `the server knows no cluster ${cluster}`);
  if (shards > 1)
    throw new EngineError(
      ENGINE,
      'fatal',
      `cluster ${cluster} has ${shards} shards; each touchpoint is loaded exactly once into one shard with its replicas`,
    );
};
