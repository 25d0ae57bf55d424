/**
 * A growing run of bytes in ClickHouse's little-endian binary. One sink per batch: `take` gives its bytes away.
 */
export class ByteSink {
  #bytes: Buffer<ArrayBuffer>;
  #end = 0;

  constructor(capacity_bytes = 1 << 16) {
    this.#bytes = Buffer.from(new ArrayBuffer(Math.max(capacity_bytes, 64)));
  }

  get length(): number {
    return this.#end;
  }

  #room(bytes: number): void {
    const wanted = this.#end + bytes;
    if (wanted <= this.#bytes.length) return;
    const larger = Buffer.from(new ArrayBuffer(Math.max(wanted, this.#bytes.length * 2)));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }

  uint8(value: number): void {
    this.#room(1);
    this.#bytes[this.#end++] = value;
  }

  uint16(value: number): void {
    this.#room(2);
    this.#end = this.#bytes.writeUInt16LE(value, this.#end);
  }

  uint32(value: number): void {
    this.#room(4);
    this.#end = this.#bytes.writeUInt32LE(value, this.#end);
  }

  /** Any integer that a number holds exactly, as 64 bits in two's complement. */
  int64(value: number): void {
    this.#room(8);
    const low = value >>> 0;
    this.#bytes.writeUInt32LE(low, this.#end);
    this.#bytes.writeInt32LE((value - low) / 0x1_0000_0000, this.#end + 4);
    this.#end += 8;
  }

  uint64(value: bigint): void {
    this.#room(8);
    this.#end = this.#bytes.writeBigUInt64LE(value, this.#end);
  }

  float64(value: number): void {
    this.#room(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  varuint(value: number): void {
    this.#room(5);
    while (value > 127) {
      this.#bytes[this.#end++] = (value & 127) | 128;
      value >>>= 7;
    }
    this.#bytes[this.#end++] = value;
  }

  string(text: string): void {
    // Three bytes at most for each UTF-16 unit: below 43 units the length fits one byte, which is then filled in last.
    if (text.length < 43) {
      this.#room(1 + text.length * 3);
      const written = this.#bytes.write(text, this.#end + 1, 'utf8');
      this.#bytes[this.#end] = written;
      this.#end += 1 + written;
      return;
    }
    const bytes = Buffer.byteLength(text);
    this.varuint(bytes);
    this.#room(bytes);
    this.#end += this.#bytes.write(text, this.#end, 'utf8');
  }

  raw(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** The bytes written so far; the sink must not be used after it. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#end);
  }
}
