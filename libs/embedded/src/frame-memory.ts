/** So many are kept: one that is being written while another is being committed. */
const MOST = 2;
/** What is asked for a frame this much smaller than what is kept is no load any more for which to keep it. */
const IDLE_SHARE = 8;

/**
 * Memory of large frames, some hundred megabytes each, that is used again: fresh memory costs a fault for each page, and,
 * since it comes and goes outside of the heap, V8 takes it for a reason to look through all of the heap. It is shared with the
 * writer thread instead of handed over, so no thread counts it as its own.
 */
export class FrameMemory {
  #kept: SharedArrayBuffer[] = [];

  /** At least so many bytes. */
  take(bytes: number): SharedArrayBuffer {
    const fitting = this.#kept.findIndex(({ byteLength }) => byteLength >= bytes);
    if (fitting >= 0) return this.#kept.splice(fitting, 1)[0] as SharedArrayBuffer;
    this.#kept.shift();
    return new SharedArrayBuffer(bytes);
  }

  /** Nobody reads it any more. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#kept.push(memory);
    if (this.#kept.length > MOST) this.#kept.shift();
  }

  /** A frame of so many bytes is wanted that needs none of this memory. */
  isIdle(bytes: number): void {
    this.#kept = this.#kept.filter(({ byteLength }) => byteLength <= bytes * IDLE_SHARE);
  }
}
