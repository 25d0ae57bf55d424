import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { EngineError, type SubjectKey } from '@tributary/kernel';
import { ENGINE } from './redis-url.js';
import { SHARDS } from './shards.js';

const ID_DIGITS = 16;
const ID_BYTES = 8;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/** A key that is not in Redis yet. */
export interface DrawnKey {
  readonly keyId: string;
  readonly key: Uint8Array;
}

/**
 * A key as it lies in Redis: its id, then nonce, tag and sealed key. Whoever has the file but not the master key opens
 * nothing; bound to its id and subject, so that no entry can stand in for another.
 */
export const wrap = (masterKey: KeyObject, subject: string, { keyId, key }: DrawnKey): string => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', masterKey, nonce).setAAD(Buffer.from(`${keyId} ${subject}`));
  const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
  return keyId + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
};

export const idOf = (wrapped: string): string => wrapped.slice(0, ID_DIGITS);

export const unwrap = (masterKey: KeyObject, subject: string, wrapped: string): SubjectKey => {
  const keyId = idOf(wrapped);
  const bytes = Buffer.from(wrapped.slice(ID_DIGITS), 'base64url');
  try {
    const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, NONCE_BYTES))
      .setAAD(Buffer.from(`${keyId} ${subject}`))
      .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const key = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return { keyId, key: createSecretKey(key) };
  } catch {
    throw new EngineError(
      ENGINE,
      'fatal',
      `key ${keyId} does not open: another master key sealed it, or it was touched`,
    );
  }
};

/** The low bits of an id's first byte are its subject's shard, so that both lie in one slot and go in one step. */
export const newKey = (shard: number): DrawnKey => {
  const id = randomBytes(ID_BYTES);
  id[0] = ((id[0] as number) & ~(SHARDS - 1)) | shard;
  return { keyId: id.toString('hex'), key: randomBytes(KEY_BYTES) };
};

export const shardOfId = (keyId: string): number => parseInt(keyId.slice(0, 2), 16) % SHARDS;
