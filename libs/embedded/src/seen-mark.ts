import { hash } from 'node:crypto';
import { type ByteWriter, writeHex } from './bytes.js';
import { OFFSETS_PER_PARTITION } from './schema.js';
import { type PartitionNumbers } from './topics.js';

const KEY_BYTES = 16;
/** A key, what kind of place follows, and the place as a number. */
export const SEEN_MARK_BYTES = KEY_BYTES + 9;

/**
 * 16 bytes stand for a message id: a collision is out of reach, and the table stays small. The platform's own keys are 16
 * bytes in hexadecimal already; any other text is hashed.
 */
export const seenKey = (key: string): Uint8Array => {
  const bytes = Buffer.allocUnsafe(KEY_BYTES);
  return writeHex(key, KEY_BYTES, bytes, 0) ? bytes : hashed(key);
};

const hashed = (key: string): Uint8Array => hash('sha256', key, 'buffer').subarray(0, KEY_BYTES);

export const writeSeenKey = (into: ByteWriter<ArrayBufferLike>, key: string): void => {
  if (!into.hex(key, KEY_BYTES)) into.bytes(hashed(key));
};

/** `topic/partition/offset` of a known partition is one integer; any other text is kept as it is. */
export class Places {
  readonly #numbers: PartitionNumbers;
  /** Most come of one partition after the other. */
  #prefix: string | undefined;
  #id: number | undefined;

  constructor(numbers: PartitionNumbers) {
    this.#numbers = numbers;
  }

  compact(at: string): number | string {
    const slash = at.lastIndexOf('/');
    const offset = digitsFrom(at, slash + 1);
    if (slash < 0 || offset < 0 || offset >= OFFSETS_PER_PARTITION) return at;
    const isSame = this.#prefix !== undefined && slash === this.#prefix.length && at.startsWith(this.#prefix);
    if (!isSame) {
      this.#prefix = at.slice(0, slash);
      this.#id = this.#idOf(this.#prefix);
    }
    return this.#id === undefined ? at : this.#id * OFFSETS_PER_PARTITION + offset;
  }

  #idOf(place: string): number | undefined {
    const slash = place.lastIndexOf('/');
    const partition = digitsFrom(place, slash + 1);
    return slash < 0 || partition < 0 ? undefined : this.#numbers.idsOf(place.slice(0, slash))[partition];
  }
}

/** What stands there to the end as the one way to write a number below 10^15; -1: something else. */
const digitsFrom = (text: string, at: number): number => {
  const digits = text.length - at;
  if (digits < 1 || digits > 15 || (digits > 1 && text.charCodeAt(at) === 0x30)) return -1;
  let value = 0;
  for (let i = at; i < text.length; i++) {
    const digit = text.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
};
