import { cityHash128 } from '../sql/compressed/city-hash.js';

/** Reads LZ4's block format. */
const literalsAndMatches = (bytes: Buffer): Buffer => {
  const out: number[] = [];
  let at = 0;
  const lengthFrom = (start: number): number => {
    let length = start;
    if (start === 15) for (let more = 255; more === 255; length += more) more = bytes.readUInt8(at++);
    return length;
  };
  while (at < bytes.length) {
    const token = bytes.readUInt8(at++);
    for (let left = lengthFrom(token >> 4); left > 0; left--) out.push(bytes.readUInt8(at++));
    if (at === bytes.length) break;
    const from = out.length - bytes.readUInt16LE(at);
    at += 2;
    const length = lengthFrom(token & 15) + 4;
    for (let i = 0; i < length; i++) out.push(out[from + i] as number);
  }
  return Buffer.from(out);
};

/** For a suite: what ClickHouse's compressed blocks hold, each held to its checksum and sizes. */
export const unpacked = (answer: Buffer): Buffer => {
  const blocks: Buffer[] = [];
  for (let at = 0; at < answer.length;) {
    const size = answer.readUInt32LE(at + 17);
    const block = answer.subarray(at + 16, at + 16 + size);
    const [low, high] = cityHash128(block);
    if (answer.readBigUInt64LE(at) !== low || answer.readBigUInt64LE(at + 8) !== high) throw new Error('checksum');
    if (block.readUInt8(0) !== 0x82) throw new Error(`method ${block.readUInt8(0)}`);
    const bytes = literalsAndMatches(block.subarray(9));
    if (bytes.length !== block.readUInt32LE(5)) throw new Error('size');
    blocks.push(bytes);
    at += 16 + size;
  }
  return Buffer.concat(blocks);
};
