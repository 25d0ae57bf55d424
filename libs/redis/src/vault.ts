import { type KeyObject } from 'node:crypto';
import { EngineError, type KeyVault, type SecretKey, type SubjectKey } from '@tributary/kernel';
import { pagesOf } from './pages-of.js';
import { type RedisLink } from './link.js';
import { ENGINE } from './redis-url.js';
import { allShards, shardOf } from './shards.js';
import { queueDestroy, queueEnsure, queueMark } from './vault-scripts.js';
import { idOf, newKey, shardOfId, unwrap, wrap } from './wrapped-key.js';

const STEP_KEYS = 100;
/** A draw of 58 random bits that is taken is a wonder; two in a row are a broken source of chance. */
const DRAWS = 3;

/** Whether what is read must be held by replicas when it is answered. */
type How = 'run' | 'keep';

interface Placed {
  readonly shard: number;
  readonly subject: string;
}

/**
 * Nothing is remembered here: another process may destroy a key at any time, and what would be sealed with it afterwards
 * could never be read.
 */
export class RedisKeyVault implements KeyVault {
  readonly #link: RedisLink;
  readonly #masterKey: KeyObject;
  readonly #rewrite: () => Promise<void>;

  /** `rewrite` resolves when what was deleted is in no file any more. */
  constructor(link: RedisLink, masterKey: KeyObject, rewrite: () => Promise<void>) {
    this.#link = link;
    this.#masterKey = masterKey;
    this.#rewrite = rewrite;
  }

  async keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const keys = new Map<string, SubjectKey>();
    const wanted = [...new Set(subjects)];
    const open = (subject: string, wrapped: string): void => {
      keys.set(subject, unwrap(this.#masterKey, subject, wrapped));
    };
    // Found is not kept: who made the key may have heard that too few replicas have it.
    (await this.#wrapped(wanted, 'keep')).forEach((wrapped, i) => {
      if (wrapped != null) open(wanted[i] as string, wrapped);
    });
    for (let draw = 0; draw < DRAWS; draw++) {
      const missing = wanted.filter((subject) => !keys.has(subject));
      if (missing.length === 0) return keys;
      for (const [subject, wrapped] of await this.#ensure(missing)) open(subject, wrapped);
    }
    if (keys.size === wanted.length) return keys;
    throw new EngineError(ENGINE, 'fatal', `${DRAWS} drawn key ids were all taken`);
  }

  async keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, SecretKey>> {
    const known = await this.#subjectsOf(keyIds);
    const wrapped = await this.#wrapped(known.map(({ subject }) => subject));
    const found = new Map<string, SecretKey>();
    known.forEach(({ id, subject }, i) => {
      const text = wrapped[i];
      // Destroyed and made anew between the two reads: the key of that id is gone.
      if (text != null && idOf(text) === id) found.set(id, unwrap(this.#masterKey, subject, text).key);
    });
    return found;
  }

  async idsOf(subjects: readonly string[]): Promise<readonly string[]> {
    const wrapped = await this.#wrapped([...new Set(subjects)]);
    return wrapped.flatMap((text) => (text == null ? [] : idOf(text)));
  }

  async destroy(keyIds: readonly string[]): Promise<number> {
    if (keyIds.length === 0) return 0;
    // Gone is not gone everywhere, if the call before this one heard that too few replicas know.
    const there = await this.#subjectsOf(keyIds, 'keep');
    const counts = await this.#link.keep(
      inSteps(there).map((step) => ({
        shard: (step[0] as Placed).shard,
        bytes: step.length * 200,
        queue: (pipeline) =>
          queueDestroy(
            pipeline,
            step.flatMap(({ subject, id }) => [this.#ofSubject(subject), this.#ofId(id)]),
            step.map(({ id }) => id),
          ),
      })),
    );
    // Also when nothing was there: the call before this one may have been cut off between the two.
    await this.#rewrite();
    return counts.reduce<number>((sum, count) => sum + Number(count), 0);
  }

  /** Of each shard, since one node of a cluster may be set back alone: the least counts. */
  async markedTo(): Promise<number | undefined> {
    const marks = await this.#link.run(
      allShards.map((shard) => ({ shard, bytes: 40, queue: (pipeline) => pipeline.get(this.#mark(shard)) })),
    );
    return marks.includes(null) ? undefined : Math.min(...marks.map(Number));
  }

  async markTo(position: number, from: number): Promise<boolean> {
    const moved = await this.#link.keep(
      allShards.map((shard) => ({
        shard,
        bytes: 100,
        queue: (pipeline) => queueMark(pipeline, this.#mark(shard), position, from),
      })),
    );
    return moved.every((isMoved) => Number(isMoved) === 1);
  }

  /** Whose these keys are; an unknown id is left out. */
  async #subjectsOf(keyIds: readonly string[], how: How = 'run'): Promise<(Placed & { readonly id: string })[]> {
    const ids = [...new Set(keyIds)].filter((id) => /^[0-9a-f]{16}$/.test(id));
    const subjects = await this.#read(
      ids.map((id) => ({ shard: shardOfId(id), name: this.#ofId(id) })),
      how,
    );
    return ids.flatMap((id, i) => {
      const subject = subjects[i];
      return subject == null ? [] : [{ id, subject, shard: shardOfId(id) }];
    });
  }

  /** Those that were made or found; a subject whose drawn id was taken is missing. */
  async #ensure(subjects: readonly string[]): Promise<[string, string][]> {
    const drawn = subjects.map((subject) => {
      const shard = shardOf(subject);
      const key = newKey(shard);
      return { subject, shard, id: key.keyId, wrapped: wrap(this.#masterKey, subject, key) };
    });
    const steps = inSteps(drawn);
    const answers = await this.#link.keep(
      steps.map((step) => ({
        shard: (step[0] as Placed).shard,
        bytes: step.length * 400,
        queue: (pipeline) =>
          queueEnsure(
            pipeline,
            step.flatMap(({ subject, id }) => [this.#ofSubject(subject), this.#ofId(id)]),
            step.flatMap(({ subject, wrapped }) => [subject, wrapped]),
          ),
      })),
    );
    return steps.flatMap((step, at) =>
      (answers[at] as readonly (string | null)[]).flatMap((wrapped, i): [string, string][] =>
        wrapped === null ? [] : [[(step[i] as Placed).subject, wrapped]],
      ),
    );
  }

  #wrapped(subjects: readonly string[], how: How = 'run'): Promise<readonly (string | null | undefined)[]> {
    return this.#read(
      subjects.map((subject) => ({ shard: shardOf(subject), name: this.#ofSubject(subject) })),
      how,
    );
  }

  async #read(
    places: readonly { readonly shard: number; readonly name: string }[],
    how: How,
  ): Promise<readonly (string | null | undefined)[]> {
    const steps = inSteps(places.map((place, i) => ({ ...place, i })));
    const answers = await this.#link[how](
      steps.map((step) => ({
        shard: (step[0] as (typeof step)[number]).shard,
        bytes: step.length * 100,
        queue: (pipeline) => pipeline.mget(step.map(({ name }) => name)),
      })),
    );
    const texts: (string | null | undefined)[] = Array(places.length).fill(undefined);
    steps.forEach((step, at) =>
      step.forEach(({ i }, nth) => (texts[i] = (answers[at] as readonly (string | null)[])[nth])),
    );
    return texts;
  }

  #mark(shard: number): string {
    return this.#link.key(shard, 'mark');
  }

  #ofSubject(subject: string): string {
    return this.#link.key(shardOf(subject), `key:${subject}`);
  }

  #ofId(id: string): string {
    return this.#link.key(shardOfId(id), `id:${id}`);
  }
}

const inSteps = <T extends { readonly shard: number }>(all: readonly T[]): T[][] => {
  const byShard = new Map<number, T[]>();
  for (const one of all) {
    const others = byShard.get(one.shard);
    if (others) others.push(one);
    else byShard.set(one.shard, [one]);
  }
  return [...byShard.values()].flatMap((of) => pagesOf(of, STEP_KEYS));
};
