import { crc32 } from 'node:zlib';

/**
 * Keys are spread over a fixed number of tags; all keys of a tag lie in one slot, so that an atomic step may touch a
 * document and its shard's indexes. Never changed: stored keys depend on it.
 */
export const SHARDS = 64;

export const allShards: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

export const shardOf = (key: string): number => crc32(key) % SHARDS;

/** Redis orders members by their bytes, JavaScript by UTF-16 units: they differ where surrogates meet what lies above them. */
export const inByteOrder = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
};

const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdfff;

/** Reads up to `count` entries of each shard's ordered list, after the `skip` first ones. */
export type ReadShards<T> = (
  asks: readonly { readonly shard: number; readonly after: T | undefined; readonly skip: number }[],
  count: number,
) => Promise<readonly (readonly T[])[]>;

interface Run<T> {
  readonly shard: number;
  readonly entries: T[];
  ended: boolean;
}

/**
 * The first `limit` entries over all shards. Each is asked for little more than its share; only a shard of which all
 * answers are among the first is asked again.
 */
export const firstOfAll = async <T>(
  limit: number,
  read: ReadShards<T>,
  order: (a: T, b: T) => number,
): Promise<readonly T[]> => {
  const share = limit / SHARDS;
  const count = Math.min(limit, Math.ceil(share + 4 * Math.sqrt(share)) + 1);
  const runs: Run<T>[] = allShards.map((shard) => ({ shard, entries: [], ended: false }));
  let short = runs;
  let first: T[] = [];
  while (short.length > 0) {
    const asks = short.map(({ shard, entries }) => ({ shard, after: entries.at(-1), skip: entries.length }));
    (await read(asks, count)).forEach((entries, i) => {
      const run = short[i] as Run<T>;
      run.entries.push(...entries);
      run.ended = entries.length < count;
    });
    first = runs
      .flatMap(({ entries }) => entries)
      .sort(order)
      .slice(0, limit);
    const last = first.length === limit ? first.at(-1) : undefined;
    short = runs.filter(({ ended, entries }) => {
      const own = entries.at(-1);
      return !ended && (last === undefined || own === undefined || order(own, last) < 0);
    });
  }
  return first;
};
