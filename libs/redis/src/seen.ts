import { hash } from 'node:crypto';
import { type SeenMark, type SeenStore } from '@tributary/kernel';
import { pagesOf } from './pages-of.js';
import { type RedisLink } from './link.js';
import { shardOf } from './shards.js';

const READ_KEYS = 500;
const ID_BYTES = 16;

/** Message ids with the place where they were first seen, each for a stated time. */
export class RedisSeen implements SeenStore {
  readonly #link: RedisLink;
  readonly #retention_ms: number;

  constructor(link: RedisLink, retention_ms: number) {
    this.#link = link;
    this.#retention_ms = retention_ms;
  }

  async firstSeen(keys: readonly string[]): Promise<readonly (string | undefined)[]> {
    const byShard = new Map<number, { readonly i: number; readonly name: string }[]>();
    keys.forEach((key, i) => {
      const { shard, name } = this.#place(key);
      const asked = byShard.get(shard);
      if (asked) asked.push({ i, name });
      else byShard.set(shard, [{ i, name }]);
    });
    const reads = [...byShard].flatMap(([shard, all]) => pagesOf(all, READ_KEYS).map((page) => ({ shard, page })));
    const answers = await this.#link.run(
      reads.map(({ shard, page }) => ({
        shard,
        bytes: page.length * 64,
        queue: (pipeline) => pipeline.mget(page.map(({ name }) => name)),
      })),
    );
    const places: (string | undefined)[] = Array(keys.length).fill(undefined);
    reads.forEach(({ page }, at) => {
      const found = answers[at] as readonly (string | null)[];
      page.forEach(({ i }, nth) => (places[i] = found[nth] ?? undefined));
    });
    return places;
  }

  async markSeen(marks: readonly SeenMark[]): Promise<void> {
    await this.#link.keep(
      marks.map(({ key, at }) => {
        const { shard, name } = this.#place(key);
        return {
          shard,
          bytes: at.length + 100,
          queue: (pipeline) => pipeline.set(name, at, 'PX', this.#retention_ms, 'NX'),
        };
      }),
    );
  }

  /** 16 bytes stand for a message id: a collision is out of reach, and ids may be long. */
  #place(key: string): { readonly shard: number; readonly name: string } {
    const id = hash('sha256', key, 'buffer').subarray(0, ID_BYTES).toString('base64url');
    const shard = shardOf(id);
    return { shard, name: this.#link.key(shard, `m:${id}`) };
  }
}
