/** Of a key. Most keys are hashes; of others some words may be the same in all. */
const WORDS = 4;
const LEAST = 1024;

/**
 * The place of each of many keys of 16 bytes, in flat memory: 24 to 48 bytes a key, and nothing for a garbage collector to
 * look at. Open addressing; a key that is known keeps its first place; keys are not let go one by one.
 */
export class KeyPlaces {
  #mask: number;
  #keys: Uint32Array;
  /** NaN: free. */
  #places: Float64Array;
  #size = 0;

  /** Room for so many, to begin with. */
  constructor(expected = 0) {
    let room = LEAST;
    while (room < expected * 2) room *= 2;
    this.#mask = room - 1;
    this.#keys = new Uint32Array(room * WORDS);
    this.#places = new Float64Array(room).fill(NaN);
  }

  get size(): number {
    return this.#size;
  }

  /** `place` is a number, and not NaN. */
  add(bytes: DataView, at: number, place: number): void {
    const slot = this.#slotOf(bytes, at);
    if (!Number.isNaN(this.#places[slot])) return;
    for (let i = 0; i < WORDS; i++) this.#keys[slot * WORDS + i] = bytes.getUint32(at + i * 4);
    this.#places[slot] = place;
    this.#size++;
    if (this.#size * 2 > this.#mask) this.#grow();
  }

  get(bytes: DataView, at = 0): number | undefined {
    const place = this.#places[this.#slotOf(bytes, at)] as number;
    return Number.isNaN(place) ? undefined : place;
  }

  /** Where the key stands, or would. */
  #slotOf(bytes: DataView, at: number): number {
    const a = bytes.getUint32(at);
    const b = bytes.getUint32(at + 4);
    const c = bytes.getUint32(at + 8);
    const d = bytes.getUint32(at + 12);
    const keys = this.#keys;
    for (let slot = mixed(a, b, c, d) & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (Number.isNaN(this.#places[slot])) return slot;
      const word = slot * WORDS;
      if (keys[word] === a && keys[word + 1] === b && keys[word + 2] === c && keys[word + 3] === d) return slot;
    }
  }

  #grow(): void {
    const larger = new KeyPlaces(this.#mask + 1);
    const words = new DataView(new ArrayBuffer(WORDS * 4));
    for (let slot = 0; slot <= this.#mask; slot++) {
      const place = this.#places[slot] as number;
      if (Number.isNaN(place)) continue;
      for (let i = 0; i < WORDS; i++) words.setUint32(i * 4, this.#keys[slot * WORDS + i] as number);
      larger.add(words, 0, place);
    }
    this.#mask = larger.#mask;
    this.#keys = larger.#keys;
    this.#places = larger.#places;
  }
}

/** Any word, and any bit of it, moves the low bits. */
const mixed = (a: number, b: number, c: number, d: number): number => {
  let hash = Math.imul(a ^ (a >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ b ^ (hash >>> 15), 0xc2b2ae35);
  hash = Math.imul(hash ^ c ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ d ^ (hash >>> 15), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
};
