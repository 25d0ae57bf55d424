import { decompress } from 'lz4-wasm-nodejs';
import { cityHash128 } from '../sql/compressed/city-hash.js';

/** For a suite: what ClickHouse's compressed blocks hold, each held to its checksum and sizes. */
export const unpacked = (answer: Buffer): Buffer => {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < answer.length;) {
    const size = answer.readUInt32LE(at + 17);
    const block = answer.subarray(at + 16, at + 16 + size);
    const [low, high] = cityHash128(block);
    if (answer.readBigUInt64LE(at) !== low || answer.readBigUInt64LE(at + 8) !== high) throw new Error('checksum');
    if (block.readUInt8(0) !== 0x82) throw new Error(`method ${block.readUInt8(0)}`);
    // The package wants how much there is right before what is packed, which is where a block's head has it.
    const bytes = decompress(block.subarray(5));
    if (bytes.length !== block.readUInt32LE(5)) throw new Error('size');
    blocks.push(bytes);
    at += 16 + size;
  }
  return Buffer.concat(blocks);
};
