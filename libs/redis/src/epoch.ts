import { hash, randomUUID } from 'node:crypto';
import { type RedisLink } from './link.js';
import { allShards } from './shards.js';

/**
 * One random mark in each shard, made where there is none. The answer changes when any shard has lost its mark, and so
 * what lay beside it: FLUSHALL, a restart without data, one node of a cluster come back empty.
 */
export const readEpoch = async (link: RedisLink): Promise<string> => {
  const name = (shard: number) => link.key(shard, 'epoch');
  const answers = await link.run(
    allShards.flatMap((shard) => [
      { shard, bytes: 100, queue: (pipeline) => pipeline.set(name(shard), randomUUID(), 'NX') },
      { shard, bytes: 50, queue: (pipeline) => pipeline.get(name(shard)) },
    ]),
  );
  const marks = answers.filter((_, i) => i % 2 === 1);
  return hash('sha256', marks.join(' '), 'hex').slice(0, 32);
};
