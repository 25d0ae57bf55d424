/** So many are kept: one that is being written while another is being committed. */
const MOST = 2;
/** Requests that differ by little are of one size. */
const STEP_BYTES = 16 * 2 ** 20;
const UNUSED_MS = 60_000;

/**
 * Memory of large frames, some hundred megabytes each, that is used again: fresh memory costs a fault for each page, and,
 * since it comes and goes outside of the heap, V8 takes it for a reason to look through all of the heap. It is shared with the
 * writer thread instead of handed over, so no thread counts it as its own; for the same reason nothing hurries V8 to collect
 * what is let go, so that is done seldom.
 */
export class FrameMemory {
  readonly #now: () => number;
  #kept: SharedArrayBuffer[] = [];
  #usedAt: number;

  /** `now`: any clock in ms. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#usedAt = now();
  }

  /** At least so many bytes; new memory has `room_bytes`. */
  take(least_bytes: number, room_bytes: number): SharedArrayBuffer {
    this.#usedAt = this.#now();
    const fitting = this.#kept.findIndex(({ byteLength }) => byteLength >= least_bytes);
    if (fitting >= 0) return this.#kept.splice(fitting, 1)[0] as SharedArrayBuffer;
    this.#kept.shift();
    return new SharedArrayBuffer(Math.ceil(room_bytes / STEP_BYTES) * STEP_BYTES);
  }

  /** Nobody reads it any more. */
  giveBack(memory: SharedArrayBuffer): void {
    this.#kept.push(memory);
    if (this.#kept.length > MOST) this.#kept.shift();
  }

  /** Answers whether nothing large has been wanted for a minute; then nothing is kept for it. */
  letGoIfUnused(): boolean {
    if (this.#now() - this.#usedAt < UNUSED_MS) return false;
    this.letGo();
    return true;
  }

  /** Nothing is kept: whoever works here has nothing to do for now. */
  letGo(): void {
    this.#kept = [];
  }
}
