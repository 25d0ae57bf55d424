/** Below this the call into the encoder costs more than a loop over the characters. */
const SHORT = 48;

/** Writes numbers, text and bytes one after another into memory of its own, so that the result can be transferred. */
export class ByteWriter {
  #bytes: Buffer<ArrayBuffer>;
  #view: DataView;
  #at = 0;

  constructor(expected_bytes: number) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(64, expected_bytes));
    this.#view = new DataView(this.#bytes.buffer);
  }

  get at(): number {
    return this.#at;
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

  /** What was written; its memory is its own and belongs to the caller from now on. */
  finish(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#bytes.buffer, 0, this.#at);
  }

  #room(more: number): void {
    const needed = this.#at + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
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

  bytes(length: number): Uint8Array {
    const value = new Uint8Array(this.#bytes.buffer as ArrayBuffer, this.#bytes.byteOffset + this.at, length);
    this.at += length;
    return value;
  }
}
