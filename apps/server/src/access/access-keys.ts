import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { readFileSync, statSync } from 'node:fs';
import { isChannelName } from '@tributary/domain';
import { type Clock } from '@tributary/kernel';
import { replaceFile, withFileLock } from './replace-file.js';

export type Role = 'read' | 'admin';

/** What a key allows: writing to one channel, or a role. */
export type Grant =
  { readonly kind: 'write'; readonly channel: string } | { readonly kind: 'role'; readonly role: Role };

/** A key as it is listed: never the key itself. */
export interface KeyInfo {
  /** First 12 hex digits of its hash. */
  readonly id: string;
  readonly grant: Grant;
  readonly createdAt: string;
}

interface StoredKey {
  readonly hash: string;
  readonly channel?: string;
  readonly role?: Role;
  readonly createdAt: string;
}

interface Stored {
  readonly keys: readonly StoredKey[];
  /** Of keys that there were; absent in files that were written before it was kept. */
  readonly channels?: readonly string[];
}

interface KnownKey {
  readonly hash: Buffer;
  readonly info: KeyInfo;
}

/** How often another process's change of the file is looked for. */
const LOOK_MS = 1_000;
/** How often for the sake of a key that is not known: whoever has just made one uses it at once. A look costs microseconds. */
const LOOK_FOR_NEW_MS = 20;
const PREFIX = 'trib_';

const sha256 = (token: string): Buffer => createHash('sha256').update(token).digest();

/** As `list` names it, whether there is such a key or not. */
export const keyId = (token: string): string => sha256(token).toString('hex').slice(0, 12);

/** A key file that says nothing of who has a key: neither that nobody has. */
export class KeysDamaged extends Error {
  constructor(file: string, how: 'damaged' | 'empty') {
    super(`${file} is ${how}: restore it, or delete it and make new keys with \`tributary key create\``);
    this.name = 'KeysDamaged';
  }
}

/**
 * Keys of those who may write, read and command. A key is 256 random bits, so its plain SHA-256 is enough to store; the
 * file (`access-keys.json`, 0600) is replaced whole, and re-read when another process (the CLI) has changed it.
 */
export class AccessKeys {
  #known = new Map<string, KnownKey>();
  #channels: readonly string[] = [];
  readonly #session = new Map<string, KnownKey>();
  /** Why the file as it is now could not be read. */
  #damaged: KeysDamaged | undefined;
  #stamp = '';
  #lookedAt = 0;

  private constructor(
    readonly file: string,
    readonly clock: Clock,
  ) {}

  static async open(file: string, clock: Clock): Promise<AccessKeys> {
    const keys = new AccessKeys(file, clock);
    await keys.reload();
    return keys;
  }

  /** What this key allows; `undefined` for a key that is not known. Throws `KeysDamaged` where the file does not say. */
  find(token: string): Grant | undefined {
    this.#look();
    const hash = sha256(token);
    const id = hash.toString('hex');
    let key = this.#known.get(id) ?? this.#session.get(id);
    if (key === undefined && token.startsWith(PREFIX)) {
      this.#look(LOOK_FOR_NEW_MS);
      key = this.#known.get(id);
    }
    if (this.#damaged && token.startsWith(PREFIX)) throw this.#damaged;
    return key !== undefined && timingSafeEqual(key.hash, hash) ? key.info.grant : undefined;
  }

  /** Makes a key and answers it; this is the only time it is shown. */
  async create(grant: Grant): Promise<{ readonly key: string; readonly info: KeyInfo }> {
    if (grant.kind === 'write' && !isChannelName(grant.channel))
      throw new TypeError('a channel name is a lower-case letter, then at most 62 of a-z, 0-9 and _');
    const key = `${PREFIX}${grant.kind === 'write' ? grant.channel : grant.role}_${randomBytes(32).toString('hex')}`;
    const stored: StoredKey = {
      hash: sha256(key).toString('hex'),
      ...(grant.kind === 'write' ? { channel: grant.channel } : { role: grant.role }),
      createdAt: new Date(this.clock.now()).toISOString(),
    };
    await this.#change((all) => [...all, stored]);
    return { key, info: infoOf(stored) };
  }

  /** Answers whether there was such a key. */
  async revoke(id: string): Promise<boolean> {
    let found = false;
    await this.#change((all) => all.filter((key) => !(key.hash.startsWith(id) && (found = true))));
    return found;
  }

  /** A key that lives as long as this process (the CLI's control token). */
  admit(token: string, grant: Grant): void {
    const hash = sha256(token);
    const hex = hash.toString('hex');
    this.#session.set(hex, {
      hash,
      info: { id: hex.slice(0, 12), grant, createdAt: new Date(this.clock.now()).toISOString() },
    });
  }

  list(): readonly KeyInfo[] {
    this.#look();
    if (this.#damaged) throw this.#damaged;
    return [...this.#known.values()].map(({ info }) => info);
  }

  hasAdmin(): boolean {
    return this.list().some(({ grant }) => grant.kind === 'role' && grant.role === 'admin');
  }

  /** Channels that somebody may write to or could, sorted: what came in by a key that is revoked since is still there. */
  channels(): readonly string[] {
    this.#look();
    return this.#channels;
  }

  async reload(): Promise<void> {
    const at = await stampOf(this.file);
    this.#take(parse(await readFile(this.file, 'utf8').catch(absent), this.file), at);
  }

  /** A revoked key stops working within a second of another process's change. */
  #look(interval_ms = LOOK_MS): void {
    const now = this.clock.now();
    if (now - this.#lookedAt < interval_ms && now >= this.#lookedAt) return;
    this.#lookedAt = now;
    const status = statSync(this.file, { throwIfNoEntry: false });
    const stamp = status ? `${status.ino}:${status.mtimeMs}:${status.size}` : '';
    if (stamp === this.#stamp) return;
    try {
      this.#take(parse(status ? readFileSync(this.file, 'utf8') : null, this.file), stamp);
    } catch (error) {
      if (!(error instanceof KeysDamaged)) throw error;
      this.#damaged = error;
      this.#stamp = stamp;
    }
  }

  #take(stored: Stored, stamp: string): void {
    this.#damaged = undefined;
    this.#known = new Map(
      stored.keys.map((key) => [key.hash, { hash: Buffer.from(key.hash, 'hex'), info: infoOf(key) }]),
    );
    this.#channels = channelsOf(stored);
    this.#stamp = stamp;
  }

  async #change(edit: (all: readonly StoredKey[]) => readonly StoredKey[]): Promise<void> {
    await withFileLock(`${this.file}.lock`, async () => {
      const before = parse(await readFile(this.file, 'utf8').catch(absent), this.file);
      const after: Stored = { keys: edit(before.keys), channels: channelsOf(before) };
      await replaceFile(this.file, `${JSON.stringify(after, null, 2)}\n`);
    });
    await this.reload();
  }
}

const stampOf = async (file: string): Promise<string> => {
  const status = await stat(file).catch(() => undefined);
  return status ? `${status.ino}:${status.mtimeMs}:${status.size}` : '';
};

const absent = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};

const infoOf = (key: StoredKey): KeyInfo => ({
  id: key.hash.slice(0, 12),
  grant:
    key.channel === undefined ? { kind: 'role', role: key.role ?? 'read' } : { kind: 'write', channel: key.channel },
  createdAt: key.createdAt,
});

const isStored = (value: unknown): value is StoredKey => {
  const key = value as Partial<StoredKey> | null;
  return (
    typeof key?.hash === 'string' &&
    /^[0-9a-f]{64}$/.test(key.hash) &&
    typeof key.createdAt === 'string' &&
    (key.channel === undefined ? key.role === 'read' || key.role === 'admin' : isChannelName(key.channel))
  );
};

const channelsOf = ({ keys, channels = [] }: Stored): readonly string[] =>
  [...new Set([...channels, ...keys.flatMap(({ channel }) => channel ?? [])])].sort();

/**
 * A file that is damaged lets nobody in, and says so, rather than being overwritten by the next key. `null`: there is none, which is
 * no keys. One without text is none that was ever written: it was cut off.
 */
const parse = (text: string | null, file: string): Stored => {
  if (text === null) return { keys: [] };
  if (text.trim() === '') throw new KeysDamaged(file, 'empty');
  const broken = () => new KeysDamaged(file, 'damaged');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw broken();
  }
  const { keys, channels = [] } = (parsed ?? {}) as { readonly keys?: unknown; readonly channels?: unknown };
  if (!Array.isArray(keys) || !keys.every(isStored)) throw broken();
  if (!Array.isArray(channels) || !channels.every((name) => typeof name === 'string' && isChannelName(name)))
    throw broken();
  return { keys, channels };
};
