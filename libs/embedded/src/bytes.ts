/** Below this the call into the encoder costs more than a loop over the characters. */
const SHORT = 48;

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** By character code: what a lower-case hexadecimal digit stands for; 255: it is none. */
const digits = new Uint8Array(128).fill(255);
for (let i = 0; i < 16; i++) digits[i.toString(16).charCodeAt(0)] = i;

/** What `bytes` pairs of digits say, at `at`; false if the text is not just these. */
export const writeHex = (text: string, bytes: number, into: Uint8Array, at: number): boolean => {
  if (text.length !== 2 * bytes) return false;
  let all = 0;
  for (let i = 0; i < text.length; i += 2) {
    const high = text.charCodeAt(i);
    const low = text.charCodeAt(i + 1);
    if (high > 127 || low > 127) return false;
    const byte = ((digits[high] as number) << 4) | (digits[low] as number);
    all |= (digits[high] as number) | (digits[low] as number);
    into[at + (i >> 1)] = byte;
  }
  return all < 16;
};

/**
 * Writes numbers, text and bytes one after another into memory of its own, so that the result can be transferred; or into
 * memory that it is lent, as long as that suffices.
 */
export class ByteWriter<M extends ArrayBufferLike = ArrayBuffer> {
  #bytes: Buffer<M>;
  #view: DataView;
  #at = 0;
  readonly #allocate: (bytes: number) => M;

  private constructor(memory: M, allocate: (bytes: number) => M) {
    this.#bytes = Buffer.from(memory) as unknown as Buffer<M>;
    this.#view = new DataView(memory);
    this.#allocate = allocate;
  }

  static own(expected_bytes: number): ByteWriter {
    const allocate = (bytes: number): ArrayBuffer => Buffer.allocUnsafeSlow(bytes).buffer;
    return new ByteWriter(allocate(Math.max(64, expected_bytes)), allocate);
  }

  /** `beforeMove`: called when that does not suffice, before what was written is copied to larger memory. */
  static lent(memory: SharedArrayBuffer, beforeMove: () => void = () => undefined): ByteWriter<SharedArrayBuffer> {
    return new ByteWriter(memory, (bytes) => {
      beforeMove();
      return new SharedArrayBuffer(bytes);
    });
  }

  get at(): number {
    return this.#at;
  }

  /** Where it is written just now; larger memory takes its place when it does not suffice. */
  get memory(): M {
    return this.#bytes.buffer as unknown as M;
  }

  /** Bytes for which there is memory. */
  get room(): number {
    return this.#bytes.length;
  }

  u8(value: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = value;
  }

  u32(value: number): void {
    this.#room(4);
    this.#view.setUint32(this.#at, value, true);
    this.#at += 4;
  }

  f64(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, value, true);
    this.#at += 8;
  }

  /** Text with its length before it. */
  text(value: string): void {
    this.#room(4 + value.length * 3);
    if (value.length <= SHORT && this.#ascii(value)) return;
    const written = this.#bytes.write(value, this.#at + 4, 'utf8');
    this.#view.setUint32(this.#at, written, true);
    this.#at += 4 + written;
  }

  #ascii(value: string): boolean {
    const bytes = this.#bytes;
    const begin = this.#at + 4;
    for (let i = 0; i < value.length; i++) {
      const unit = value.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[begin + i] = unit;
    }
    this.#view.setUint32(this.#at, value.length, true);
    this.#at = begin + value.length;
    return true;
  }

  bytes(value: Uint8Array): void {
    this.#room(value.length);
    this.#bytes.set(value, this.#at);
    this.#at += value.length;
  }

  /** Leaves room for bytes that are known later; what lies there until then has no meaning. */
  skip(bytes: number): void {
    this.#room(bytes);
    this.#at += bytes;
  }

  /** The bytes that `text` says in lower-case hexadecimal; false, and nothing written, if it does not say so many. */
  hex(text: string, bytes: number): boolean {
    this.#room(bytes);
    if (!writeHex(text, bytes, this.#bytes, this.#at)) return false;
    this.#at += bytes;
    return true;
  }

  /** Leaves room for a number that is known later. */
  hole(): number {
    this.u32(0);
    return this.#at - 4;
  }

  fill(hole: number, value: number): void {
    this.#view.setUint32(hole, value, true);
  }

  patchF64(at: number, value: number): void {
    this.#view.setFloat64(at, value, true);
  }

  /** What was written, where it was written: it is the caller's until `rewind`, or for good. */
  finish(): Uint8Array<M> {
    return new Uint8Array(this.#bytes.buffer as unknown as ArrayBuffer, 0, this.#at) as unknown as Uint8Array<M>;
  }

  /** From the beginning again, in the same memory. */
  rewind(): void {
    this.#at = 0;
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const memory = this.#allocate(Math.max(needed, this.#bytes.length * 2));
    const larger = Buffer.from(memory) as unknown as Buffer<M>;
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(memory);
  }
}

/** Reads what `ByteWriter` wrote. Bytes are views, not copies. */
export class ByteReader {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.#bytes.length;
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u32(): number {
    const value = this.#view.getUint32(this.at, true);
    this.at += 4;
    return value;
  }

  f64(): number {
    const value = this.#view.getFloat64(this.at, true);
    this.at += 8;
    return value;
  }

  text(): string {
    const length = this.u32();
    const value = this.#bytes.toString('utf8', this.at, this.at + length);
    this.at += length;
    return value;
  }

  /** A `Buffer`: whoever decodes it needs one. */
  bytes(length: number): Uint8Array {
    // `subarray` would answer what there is of it.
    if (this.at + length > this.#bytes.length) throw new RangeError(`${length} bytes at ${this.at} are not there`);
    const value = this.#bytes.subarray(this.at, this.at + length);
    this.at += length;
    return value;
  }
}
