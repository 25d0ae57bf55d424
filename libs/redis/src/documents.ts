import { type DocumentKind, type DocumentStore, type DocumentWrite, type StoredDocument } from '@tributary/kernel';
import { type RedisLink, type ShardCommand } from './link.js';
import { pagesOf } from './pages-of.js';
import { allShards, firstOfAll, inByteOrder, shardOf } from './shards.js';
import { storedDocument, storedText } from './stored-text.js';
import { queueWrite } from './write-script.js';

/** One step of the server: it answers nobody else meanwhile. */
const STEP_DOCUMENTS = 100;
const STEP_BYTES = 256 * 1_024;
const READ_KEYS = 200;
const CLEARED_AT_ONCE = 500;

const letters: Readonly<Record<DocumentKind, string>> = {
  subject: 's',
  activity: 'a',
  customer: 'c',
  checkpoint: 'k',
  outcome: 'o',
};

interface Due {
  readonly key: string;
  readonly due_ms: number;
}

const sooner = (a: Due, b: Due): number => a.due_ms - b.due_ms || inByteOrder(a.key, b.key);

export class RedisDocuments implements DocumentStore {
  readonly #link: RedisLink;
  readonly #graveLife_ms: number;

  constructor(link: RedisLink, graveLife_ms: number) {
    this.#link = link;
    this.#graveLife_ms = graveLife_ms;
  }

  async get(kind: DocumentKind, keys: readonly string[]): Promise<readonly (StoredDocument | undefined)[]> {
    const places = new Map<number, number[]>();
    keys.forEach((key, i) => {
      const shard = shardOf(key);
      const place = places.get(shard);
      if (place) place.push(i);
      else places.set(shard, [i]);
    });
    const reads = [...places].flatMap(([shard, all]) => pagesOf(all, READ_KEYS).map((page) => ({ shard, page })));
    const answers = await this.#link.run(
      reads.map(({ shard, page }) => {
        const names = page.map((i) => this.#document(shard, kind, keys[i] as string));
        return { shard, bytes: lengthOf(names), queue: (pipeline) => pipeline.mget(names) };
      }),
    );
    const found: (StoredDocument | undefined)[] = Array(keys.length).fill(undefined);
    reads.forEach(({ page }, at) => {
      const texts = answers[at] as readonly (string | null)[];
      page.forEach((i, nth) => (found[i] = storedDocument(keys[i] as string, texts[nth])));
    });
    return found;
  }

  async put(writes: readonly DocumentWrite[]): Promise<void> {
    await this.#write('put', writes, ({ version, body }) => storedText(version, body));
  }

  async replace(writes: readonly DocumentWrite[]): Promise<void> {
    await this.#write('replace', writes, ({ version, body }) => (body === null ? '' : storedText(version, body)));
  }

  async due(kind: DocumentKind, until: number, limit: number): Promise<readonly Due[]> {
    return firstOfAll<Due>(
      limit,
      async (asks, count) => {
        const answers = await this.#link.run(
          asks.map(({ shard, skip }) => ({
            shard,
            bytes: 100,
            queue: (pipeline) =>
              pipeline.zrangebyscore(this.#queue(shard, kind), '-inf', until, 'WITHSCORES', 'LIMIT', skip, count),
          })),
        );
        return answers.map((answer) => pagesOf(answer as readonly string[], 2).map(dueOf));
      },
      sooner,
    );
  }

  async scan(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly StoredDocument[]> {
    for (let after = afterKey; ;) {
      const keys = await this.#keysAfter(kind, after, limit);
      const documents = (await this.get(kind, keys)).filter((one) => one !== undefined);
      const last = keys.at(-1);
      // Deleted between the two reads: an empty page would say that there is no more.
      if (documents.length > 0 || last === undefined) return documents;
      after = last;
    }
  }

  async count(kind: DocumentKind): Promise<number> {
    const answers = await this.#link.run(
      allShards.map((shard) => ({ shard, bytes: 50, queue: (pipeline) => pipeline.zcard(this.#index(shard, kind)) })),
    );
    return answers.reduce<number>((sum, answer) => sum + Number(answer), 0);
  }

  async clear(kind: DocumentKind): Promise<void> {
    await this.#forgetAll(kind, (shard) => this.#index(shard, kind));
    await this.#forgetAll(kind, (shard) => this.#graves(shard, kind));
  }

  async #forgetAll(kind: DocumentKind, list: (shard: number) => string): Promise<void> {
    for (;;) {
      const answers = await this.#link.run(
        allShards.map((shard) => ({
          shard,
          bytes: 50,
          queue: (pipeline) => pipeline.zrange(list(shard), 0, CLEARED_AT_ONCE - 1),
        })),
      );
      const keys = answers.flatMap((answer) => answer as readonly string[]);
      if (keys.length === 0) return;
      await this.replace(keys.map((key) => ({ kind, key, version: 0, body: null })));
    }
  }

  async #write(
    mode: 'put' | 'replace',
    writes: readonly DocumentWrite[],
    textOf: (write: DocumentWrite) => string,
  ): Promise<void> {
    const groups = new Map<string, Step[]>();
    const now_ms = Date.now();
    for (const write of writes) {
      const shard = shardOf(write.key);
      const text = textOf(write);
      const name = `${shard} ${write.kind}`;
      const steps = groups.get(name) ?? [];
      let step = steps.at(-1);
      if (!step || step.keys.length >= STEP_DOCUMENTS || step.bytes + text.length > STEP_BYTES) {
        step = { shard, kind: write.kind, keys: [], values: [], bytes: 0 };
        steps.push(step);
        groups.set(name, steps);
      }
      step.keys.push(this.#document(shard, write.kind, write.key));
      step.values.push(write.key, text, write.due_ms == null ? '' : String(write.due_ms));
      step.bytes += text.length + 2 * write.key.length + 50;
    }
    const head = [mode, String(now_ms), String(this.#graveLife_ms)];
    await this.#link.keep([...groups.values()].flat().map((step) => this.#commandOf(step, head)));
  }

  #commandOf({ shard, kind, keys, values, bytes }: Step, head: readonly string[]): ShardCommand {
    const indexes = [this.#index(shard, kind), this.#queue(shard, kind), this.#graves(shard, kind)];
    return { shard, bytes, queue: (pipeline) => queueWrite(pipeline, [...indexes, ...keys], [...head, ...values]) };
  }

  #keysAfter(kind: DocumentKind, afterKey: string, limit: number): Promise<readonly string[]> {
    return firstOfAll<string>(
      limit,
      async (asks, count) => {
        const answers = await this.#link.run(
          asks.map(({ shard, after = afterKey }) => ({
            shard,
            bytes: 100,
            queue: (pipeline) =>
              pipeline.zrangebylex(this.#index(shard, kind), after === '' ? '-' : `(${after}`, '+', 'LIMIT', 0, count),
          })),
        );
        return answers as readonly (readonly string[])[];
      },
      inByteOrder,
    );
  }

  #document(shard: number, kind: DocumentKind, key: string): string {
    return this.#link.key(shard, `${letters[kind]}:${key}`);
  }

  #index(shard: number, kind: DocumentKind): string {
    return this.#link.key(shard, `${letters[kind]}-index`);
  }

  #queue(shard: number, kind: DocumentKind): string {
    return this.#link.key(shard, `${letters[kind]}-due`);
  }

  #graves(shard: number, kind: DocumentKind): string {
    return this.#link.key(shard, `${letters[kind]}-graves`);
  }
}

interface Step {
  readonly shard: number;
  readonly kind: DocumentKind;
  readonly keys: string[];
  readonly values: string[];
  bytes: number;
}

const dueOf = (pair: readonly string[]): Due => ({ key: pair[0] as string, due_ms: Number(pair[1]) });

const lengthOf = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
