/** Whole numbers by index, zero at first. */
export type Counters = Int32Array | number[];

/** Up to so many stand in the heap, where they are made and let go with everything else; memory of their own would cost more than it saves. */
const SMALL = 512;

export const counters = (length: number): Counters =>
  length <= SMALL ? new Array<number>(length).fill(0) : new Int32Array(length);
