import { Transform } from 'node:stream';
import { compress } from 'lz4-wasm-nodejs';
import { cityHash128 } from './city-hash.js';

/** What is packed at once, about a millisecond's work; after each the thread is free for others. */
const BLOCK_BYTES = 65_536;
const LZ4 = 0x82;
const CHECKSUM_BYTES = 16;
const HEAD_BYTES = 9;
/** The package writes how much there was before what it packed; ClickHouse's head says so itself. */
const PACKAGE_HEAD_BYTES = 4;

/** One block as ClickHouse frames it: checksum, method, size with this head, size unpacked, and the bytes. */
export const compressedBlock = (bytes: Uint8Array): Buffer => {
  const packed = compress(bytes).subarray(PACKAGE_HEAD_BYTES);
  const block = Buffer.allocUnsafe(CHECKSUM_BYTES + HEAD_BYTES + packed.length);
  block.writeUInt8(LZ4, CHECKSUM_BYTES);
  block.writeUInt32LE(HEAD_BYTES + packed.length, CHECKSUM_BYTES + 1);
  block.writeUInt32LE(bytes.length, CHECKSUM_BYTES + 5);
  block.set(packed, CHECKSUM_BYTES + HEAD_BYTES);
  const [low, high] = cityHash128(block.subarray(CHECKSUM_BYTES));
  block.writeBigUInt64LE(low, 0);
  block.writeBigUInt64LE(high, 8);
  return block;
};

/** `compress=1`: an answer in ClickHouse's own compression, which JDBC and others ask for unless told otherwise. */
export const compressedBlocks = (): Transform =>
  new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      const from = (at: number): void => {
        if (at >= chunk.length) return done();
        this.push(compressedBlock(chunk.subarray(at, at + BLOCK_BYTES)));
        setImmediate(from, at + BLOCK_BYTES);
      };
      from(0);
    },
  });
