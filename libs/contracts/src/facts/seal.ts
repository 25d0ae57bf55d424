import { type CipherKey, createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { type SecretKey, type SubjectKey } from '@tributary/kernel';

/*
 * Sealed bytes: version 1 (1 byte) | nonce (12) | tag (16) | ciphertext. The version byte is authenticated, too.
 */
const version = 1;
const nonce_bytes = 12;
const tag_bytes = 16;
/** What sealed bytes are longer than plain ones. */
export const SEAL_BYTES = 1 + nonce_bytes + tag_bytes;
const associated = Buffer.of(version);

/** The bytes were not sealed with this key, or were changed since. */
export class Unsealable extends Error {
  constructor(readonly reason: 'truncated' | 'unknown_version' | 'wrong_key_or_changed') {
    super(reason.replaceAll('_', ' '));
    this.name = 'Unsealable';
  }
}

// One call of the kernel's generator serves many nonces.
const entropy = Buffer.alloc(nonce_bytes * 1024);
let spent = entropy.length;
const nextNonce = (): Buffer => {
  if (spent === entropy.length) {
    randomFillSync(entropy);
    spent = 0;
  }
  spent += nonce_bytes;
  return entropy.subarray(spent - nonce_bytes, spent);
};

/** AES-256-GCM under the subject's key, with a random nonce: the same bytes are sealed differently each time. */
export const seal = (key: SubjectKey, plain: Uint8Array): Uint8Array => {
  const sealed = Buffer.allocUnsafe(SEAL_BYTES + plain.length);
  sealInto(sealed, key, plain);
  return sealed;
};

/** As `seal`, where the bytes lie: `bytes` are `SEAL_BYTES` of no meaning and then the plain ones, afterwards what is sealed. */
export const sealInPlace = (key: SubjectKey, bytes: Uint8Array): void =>
  sealInto(bytes, key, bytes.subarray(SEAL_BYTES));

const sealInto = (sealed: Uint8Array, key: SubjectKey, plain: Uint8Array): void => {
  const nonce = nextNonce();
  const cipher = createCipheriv('aes-256-gcm', key.key as CipherKey, nonce);
  cipher.setAAD(associated);
  const body = cipher.update(plain);
  // GCM holds nothing back; final only closes the tag.
  cipher.final();
  sealed[0] = version;
  sealed.set(nonce, 1);
  sealed.set(cipher.getAuthTag(), 1 + nonce_bytes);
  sealed.set(body, SEAL_BYTES);
};

/** What was sealed. Throws `Unsealable`. */
export const unseal = (key: SecretKey, sealed: Uint8Array): Uint8Array => {
  if (sealed.length < SEAL_BYTES) throw new Unsealable('truncated');
  if (sealed[0] !== version) throw new Unsealable('unknown_version');
  const decipher = createDecipheriv('aes-256-gcm', key as CipherKey, sealed.subarray(1, 1 + nonce_bytes), {
    authTagLength: tag_bytes,
  });
  decipher.setAAD(associated);
  decipher.setAuthTag(sealed.subarray(1 + nonce_bytes, SEAL_BYTES));
  const plain = decipher.update(sealed.subarray(SEAL_BYTES));
  try {
    decipher.final();
  } catch {
    throw new Unsealable('wrong_key_or_changed');
  }
  return plain;
};
