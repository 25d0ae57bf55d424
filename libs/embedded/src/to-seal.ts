import { SEAL_BYTES, sealInPlace } from '@tributary/contracts/sealing';
import { type NewEvent, type SubjectKey } from '@tributary/kernel';
import { type ByteWriter } from './bytes.js';

/** Of a key's id: 16 hexadecimal digits. */
const KEY_ID_BYTES = 16;
const noKeyId = '0'.repeat(KEY_ID_BYTES);
/** Metadata begins with these, so that the place of the id in it is known. */
const beforeKeyId = '{"keyId":"';

/** Of each event: whose it is (as a place among the owners), where its key's id goes, where its bytes begin, and their number. */
const NUMBERS = 4;

/** Events in a frame that are not sealed yet. */
export interface ToSeal {
  readonly owners: readonly string[];
  readonly places: Float64Array;
}

/** Notes where in a frame events lie that are to be sealed there. */
export class UnsealedEvents {
  #owners: string[] = [];
  #places: number[] = [];

  get size(): number {
    return this.#places.length / NUMBERS;
  }

  /** As `writeEvents`, with room for what sealing adds. */
  write(into: ByteWriter<ArrayBufferLike>, events: readonly NewEvent[], owner: string): void {
    const ownerAt = this.#owners.push(owner) - 1;
    for (const { id, type, metadata, data } of events) {
      into.text(id);
      into.text(type);
      const keyIdAt = into.at + 4 + beforeKeyId.length;
      into.text(JSON.stringify({ keyId: noKeyId, ...metadata }));
      into.u32(SEAL_BYTES + data.length);
      this.#places.push(ownerAt, keyIdAt, into.at, SEAL_BYTES + data.length);
      into.skip(SEAL_BYTES);
      into.bytes(data);
    }
  }

  /** What was noted since it was last taken. */
  take(): ToSeal {
    const taken = { owners: this.#owners, places: Float64Array.from(this.#places) };
    this.#owners = [];
    this.#places = [];
    return taken;
  }
}

/** `keys`: one for each owner. What is sealed is as it will be stored; no plain byte of it is left. */
export const sealEvents = (frame: Buffer, { owners, places }: ToSeal, keys: ReadonlyMap<string, SubjectKey>): void => {
  for (let i = 0; i < places.length; i += NUMBERS) {
    const [ownerAt, keyIdAt, begin, bytes] = places.subarray(i, i + NUMBERS) as unknown as [
      number,
      number,
      number,
      number,
    ];
    const key = keys.get(owners[ownerAt] as string);
    if (key?.keyId.length !== KEY_ID_BYTES) throw new Error('there is no key to seal an event with');
    frame.write(key.keyId, keyIdAt, 'latin1');
    sealInPlace(key, frame.subarray(begin, begin + bytes));
  }
};
