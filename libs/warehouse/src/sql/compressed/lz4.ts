const MIN_MATCH = 4;
/** The format's rules for the end: the last five bytes are literals, and no match begins in the last twelve. */
const LAST_LITERALS = 5;
const NO_MATCH_IN = 12;
const MAX_DISTANCE = 65_535;
const HASH_BITS = 14;

/** How many bytes a block of so many may take at most. */
const mostOf = (length: number): number => length + Math.ceil(length / 255) + 16;

/** LZ4's block format, packed by the first match found; empty in, one token out. */
export const lz4Block = (bytes: Uint8Array): Uint8Array => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Uint8Array(mostOf(bytes.length));
  /** One more than where four bytes of this hash were last seen. */
  const seen = new Int32Array(1 << HASH_BITS);
  let to = 0;
  let anchor = 0;

  const lengthBeyond = (length: number): void => {
    for (; length >= 255; length -= 255) out[to++] = 255;
    out[to++] = length;
  };
  const literalsTo = (end: number, match: number): void => {
    const count = end - anchor;
    out[to++] = (Math.min(count, 15) << 4) | Math.min(match, 15);
    if (count >= 15) lengthBeyond(count - 15);
    out.set(bytes.subarray(anchor, end), to);
    to += count;
  };

  const lastStart = bytes.length - NO_MATCH_IN;
  for (let at = 0; at < lastStart;) {
    const four = view.getUint32(at, true);
    const slot = Math.imul(four, 2_654_435_761) >>> (32 - HASH_BITS);
    const found = (seen[slot] as number) - 1;
    seen[slot] = at + 1;
    if (found < 0 || at - found > MAX_DISTANCE || view.getUint32(found, true) !== four) {
      // The longer nothing is found, the wider the steps: what cannot be packed is passed over soon.
      at += 1 + ((at - anchor) >> 6);
      continue;
    }
    let end = at + MIN_MATCH;
    while (end < bytes.length - LAST_LITERALS && bytes[end] === bytes[found + end - at]) end++;
    const beyond = end - at - MIN_MATCH;
    literalsTo(at, beyond);
    out[to++] = (at - found) & 255;
    out[to++] = (at - found) >> 8;
    if (beyond >= 15) lengthBeyond(beyond - 15);
    anchor = at = end;
  }
  literalsTo(bytes.length, 0);
  return out.subarray(0, to);
};
