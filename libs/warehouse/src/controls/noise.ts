/** For a suite: bytes that repeat nothing, the same each time. */
export const noise = (length: number): Uint8Array => {
  let x = length;
  return Uint8Array.from({ length }, () => (x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0) >>> 24);
};
