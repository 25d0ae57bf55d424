/**
 * CityHash128 as ClickHouse has it for the checksum of a compressed block: Google's version 1.0.2, whose results no later
 * version gives, and so no package either: those on npm have CityHash64, FarmHash, or a binary that is compiled at install.
 * Of at least eight bytes, which the head of a block alone has.
 */
const K0 = 0xc3a5c85c97cb3127n;
const K1 = 0xb492b66fbe98f273n;
const K2 = 0x9ae16a3b2f90404fn;
const K3 = 0xc949d7c7509e6557n;
const MUL = 0x9ddfea08eb382d69n;

/** Two halves, the low one first. */
export type Hash128 = readonly [bigint, bigint];

const u64 = (value: bigint): bigint => BigInt.asUintN(64, value);
const times = (a: bigint, b: bigint): bigint => BigInt.asUintN(64, a * b);
const mixed = (value: bigint): bigint => value ^ (value >> 47n);
/** `by`: from 1 to 63. */
const rotated = (value: bigint, by: bigint): bigint => (value >> by) | BigInt.asUintN(64, value << (64n - by));

const joined = (low: bigint, high: bigint): bigint => {
  const a = mixed(times(low ^ high, MUL));
  return times(mixed(times(high ^ a, MUL)), MUL);
};

/** 32 bytes from `at`, into two halves. */
const weak = (view: DataView, at: number, first: bigint, second: bigint): Hash128 => {
  const z = view.getBigUint64(at + 24, true);
  const a = u64(first + view.getBigUint64(at, true));
  const b = rotated(u64(second + a + z), 21n);
  const c = u64(a + view.getBigUint64(at + 8, true) + view.getBigUint64(at + 16, true));
  return [u64(c + z), u64(b + rotated(c, 44n) + a)];
};

const upTo16 = (view: DataView, from: number, length: number): bigint => {
  if (length > 8) {
    const a = view.getBigUint64(from, true);
    const b = view.getBigUint64(from + length - 8, true);
    return joined(a, rotated(u64(b + BigInt(length)), BigInt(length))) ^ b;
  }
  if (length >= 4) {
    const a = BigInt(view.getUint32(from, true));
    return joined(BigInt(length) + (a << 3n), BigInt(view.getUint32(from + length - 4, true)));
  }
  if (length === 0) return K2;
  const y = BigInt(view.getUint8(from) + view.getUint8(from + (length >> 1)) * 256);
  const z = BigInt(length + view.getUint8(from + length - 1) * 4);
  return times(mixed(times(y, K2) ^ times(z, K3)), K2);
};

/** Fewer than 128 bytes from `from` to the end. */
const short = (view: DataView, from: number, [low, high]: Hash128): Hash128 => {
  const length = view.byteLength - from;
  let [a, b, c, d] = [low, high, 0n, 0n];
  if (length <= 16) {
    a = times(mixed(times(a, K1)), K1);
    c = u64(times(b, K1) + upTo16(view, from, length));
    d = mixed(u64(a + (length >= 8 ? view.getBigUint64(from, true) : c)));
  } else {
    c = joined(u64(view.getBigUint64(from + length - 8, true) + K1), a);
    d = joined(u64(b + BigInt(length)), u64(c + view.getBigUint64(from + length - 16, true)));
    a = u64(a + d);
    for (let at = from, left = length - 16; left > 0; at += 16, left -= 16) {
      a = times(a ^ times(mixed(times(view.getBigUint64(at, true), K1)), K1), K1);
      b ^= a;
      c = times(c ^ times(mixed(times(view.getBigUint64(at + 8, true), K1)), K1), K1);
      d ^= c;
    }
  }
  a = joined(a, c);
  b = joined(d, b);
  return [a ^ b, joined(b, a)];
};

const long = (view: DataView, from: number, [low, high]: Hash128): Hash128 => {
  const length = view.byteLength - from;
  let [x, y, z] = [low, high, times(BigInt(length), K1)];
  const v0 = u64(times(rotated(y ^ K1, 49n), K1) + view.getBigUint64(from, true));
  let v: Hash128 = [v0, u64(times(rotated(v0, 42n), K1) + view.getBigUint64(from + 8, true))];
  let w: Hash128 = [
    u64(times(rotated(u64(y + z), 35n), K1) + x),
    times(rotated(u64(x + view.getBigUint64(from + 88, true)), 53n), K1),
  ];
  let at = from;
  for (; view.byteLength - at >= 128; at += 128)
    for (const half of [at, at + 64]) {
      x = times(rotated(u64(x + y + v[0] + view.getBigUint64(half + 16, true)), 37n), K1) ^ w[1];
      y = times(rotated(u64(y + v[1] + view.getBigUint64(half + 48, true)), 42n), K1) ^ v[0];
      z = rotated(z ^ w[0], 33n);
      v = weak(view, half, times(v[1], K1), u64(x + w[0]));
      w = weak(view, half + 32, u64(z + w[1]), y);
      [z, x] = [x, z];
    }
  y = u64(y + times(rotated(w[0], 37n), K0) + z);
  x = u64(x + times(rotated(u64(v[0] + z), 49n), K0));
  const left = view.byteLength - at;
  for (let done = 32; done - 32 < left; done += 32) {
    const chunk = view.byteLength - done;
    y = u64(times(rotated(u64(y - x), 42n), K0) + v[1]);
    const w0 = u64(w[0] + view.getBigUint64(chunk + 16, true));
    x = u64(times(rotated(x, 49n), K0) + w0);
    w = [u64(w0 + v[0]), w[1]];
    v = weak(view, chunk, v[0], v[1]);
  }
  x = joined(x, v[0]);
  y = joined(y, w[0]);
  return [u64(joined(u64(x + v[1]), w[1]) + y), joined(u64(x + w[1]), u64(y + v[1]))];
};

/** Of eight bytes or more. */
export const cityHash128 = (bytes: Uint8Array): Hash128 => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength;
  if (length < 8) throw new RangeError(`a block has 8 bytes or more, not ${length}`);
  const first = view.getBigUint64(0, true);
  if (length < 16)
    return short(view, length, [first ^ times(BigInt(length), K0), view.getBigUint64(length - 8, true) ^ K1]);
  const seed: Hash128 = [first ^ K3, view.getBigUint64(8, true)];
  return length - 16 < 128 ? short(view, 16, seed) : long(view, 16, seed);
};
