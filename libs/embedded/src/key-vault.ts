import { createSecretKey, type KeyObject } from 'node:crypto';
import { type KeyVault, type SecretKey, type SubjectKey } from '@tributary/kernel';
import { type OpenKey, unwrap, type WrappedKey } from './key-table.js';
import { Recent } from './recent.js';
import { type Reads } from './store-reader.js';
import { type WriterLink } from './writer-link.js';

/** Keys that this thread remembers, unwrapped. Told to forget before a destruction counts as done. */
export class KeyCache {
  readonly #bySubject: Recent<string, SubjectKey>;
  readonly #byId: Recent<string, { readonly subject: string; readonly key: SecretKey }>;
  /** Counts destructions: a key that was being read meanwhile must not be remembered. */
  epoch = 0;

  constructor(capacity: number) {
    this.#bySubject = new Recent(capacity);
    this.#byId = new Recent(capacity);
  }

  ofSubject(subject: string): SubjectKey | undefined {
    return this.#bySubject.get(subject);
  }

  byId(id: string): SecretKey | undefined {
    return this.#byId.get(id)?.key;
  }

  remember(subject: string, key: SubjectKey, epoch: number): void {
    if (epoch !== this.epoch) return;
    this.#bySubject.set(subject, key);
    this.#byId.set(key.keyId, { subject, key: key.key });
  }

  forget(subjects: readonly string[]): void {
    this.epoch++;
    const gone = new Set(subjects);
    for (const subject of gone) this.#bySubject.delete(subject);
    this.#byId.deleteWhere(({ subject }) => gone.has(subject));
  }
}

/** Makes the missing keys of subjects, durably. */
export type MakeKeys = (subjects: readonly string[]) => readonly OpenKey[] | Promise<readonly OpenKey[]>;

export interface KeysAtHand {
  readonly reads: Pick<Reads, 'keysOf' | 'keysById'>;
  readonly masterKey: Uint8Array;
  readonly cache: KeyCache;
  readonly make: MakeKeys;
}

/** Keys as a thread uses them. */
export class SubjectKeys {
  readonly #masterKey: KeyObject;
  readonly #reads: KeysAtHand['reads'];
  readonly #cache: KeyCache;
  readonly #make: MakeKeys;

  constructor({ reads, masterKey, cache, make }: KeysAtHand) {
    this.#masterKey = createSecretKey(masterKey);
    this.#reads = reads;
    this.#cache = cache;
    this.#make = make;
  }

  async keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = new Map<string, SubjectKey>();
    const missing = new Set<string>();
    for (const subject of subjects) {
      const cached = this.#cache.ofSubject(subject);
      if (cached) found.set(subject, cached);
      else missing.add(subject);
    }
    if (missing.size === 0) return found;
    const { epoch } = this.#cache;
    const take = (subject: string, key: SubjectKey) => {
      found.set(subject, key);
      missing.delete(subject);
    };
    for (const wrapped of await this.#reads.keysOf([...missing])) take(wrapped.subject, this.#open(wrapped, epoch));
    if (missing.size === 0) return found;
    for (const { subject, id, key } of await this.#make([...missing])) {
      const made: SubjectKey = { keyId: id, key: createSecretKey(key) };
      this.#cache.remember(subject, made, epoch);
      take(subject, made);
    }
    return found;
  }

  async keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, SecretKey>> {
    const found = new Map<string, SecretKey>();
    const missing = new Set<string>();
    for (const id of keyIds) {
      const cached = this.#cache.byId(id);
      if (cached) found.set(id, cached);
      else missing.add(id);
    }
    if (missing.size === 0) return found;
    const { epoch } = this.#cache;
    for (const wrapped of await this.#reads.keysById([...missing]))
      found.set(wrapped.id, this.#open(wrapped, epoch).key);
    return found;
  }

  async idsOf(subjects: readonly string[]): Promise<readonly string[]> {
    return (await this.#reads.keysOf([...new Set(subjects)])).map(({ id }) => id);
  }

  #open(wrapped: WrappedKey, epoch: number): SubjectKey {
    const key: SubjectKey = { keyId: wrapped.id, key: createSecretKey(unwrap(this.#masterKey, wrapped)) };
    this.#cache.remember(wrapped.subject, key, epoch);
    return key;
  }
}

export class EmbeddedKeyVault extends SubjectKeys implements KeyVault {
  readonly #link: WriterLink;

  constructor(link: WriterLink, keys: KeysAtHand) {
    super(keys);
    this.#link = link;
  }

  async destroy(keyIds: readonly string[]): Promise<number> {
    return this.#link.call({ name: 'destroyKeys', keyIds: [...new Set(keyIds)] });
  }

  async markedTo(): Promise<number | undefined> {
    return this.#link.call({ name: 'keysMarkedTo' });
  }

  async markTo(position: number, from: number): Promise<boolean> {
    return this.#link.call({ name: 'markKeys', position, from });
  }
}
