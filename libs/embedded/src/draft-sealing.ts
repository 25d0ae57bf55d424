import { type KeyVault } from '@tributary/kernel';
import { type EffectsFrame } from './effects-frame.js';
import { type SealingThread } from './sealing-thread.js';
import { sealEvents } from './to-seal.js';

/** Where events are sealed: on this thread, or on one beside it. */
export interface Sealing {
  readonly vault: Pick<KeyVault, 'keysFor'>;
  readonly thread: SealingThread;
}

/** So many are handed over together: some milliseconds of work. */
const PART_EVENTS = 1_000;

/** Has the events of one draft sealed: those of a frame in shared memory while more are planned, those of a small one at its end. */
export class DraftSealing {
  readonly #frame: EffectsFrame<ArrayBufferLike>;
  readonly #sealing: Sealing;
  readonly #underWay: Promise<void>[] = [];

  constructor(frame: EffectsFrame<ArrayBufferLike>, sealing: Sealing) {
    this.#frame = frame;
    this.#sealing = sealing;
  }

  /** Looks whether enough has come together. */
  added(): void {
    if (this.#frame.unsealed.size >= PART_EVENTS) this.#handOver();
  }

  /** Resolves when nothing in the finished frame is plain any more. However it ends, nobody works on the frame then. */
  async whole(frame: Uint8Array): Promise<void> {
    this.#handOver();
    for (const outcome of await Promise.allSettled(this.#underWay))
      if (outcome.status === 'rejected') throw outcome.reason;
    const rest = this.#frame.unsealed.take();
    if (rest.owners.length === 0) return;
    const keys = await this.#sealing.vault.keysFor(rest.owners);
    sealEvents(Buffer.from(frame.buffer, frame.byteOffset, frame.length), rest, keys);
  }

  #handOver(): void {
    const { memory, unsealed } = this.#frame;
    if (!(memory instanceof SharedArrayBuffer) || unsealed.size === 0) return;
    const sealed = this.#sealing.thread.seal(memory, unsealed.take());
    // A draft may be dropped: then nobody asks.
    sealed.catch(() => undefined);
    this.#underWay.push(sealed);
  }
}
