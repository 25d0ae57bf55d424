import { type StageContext } from '../ports.js';
import { VaultMark } from './vault-mark.js';

const PAUSE_MS = 1_000;

/**
 * Has the vault marked beside what is under way, at most so often: each time costs a write to the disk of keys. A mark that is missed
 * says less, and refuses nobody.
 */
export class MarkBeside {
  readonly #vault: VaultMark;
  #nextAt_ms = 0;
  #isOwed = false;
  #underWay: Promise<void> | undefined;

  constructor(context: StageContext) {
    this.#vault = new VaultMark(context);
  }

  /** Throws, *retriable*, where keys are lost. */
  begin(): Promise<void> {
    return this.#vault.hold();
  }

  /** More is durable. */
  moved(): void {
    this.#isOwed = true;
    if (!this.#underWay && performance.now() >= this.#nextAt_ms) this.#underWay = this.#mark();
  }

  /** Nothing more comes: resolves when all that came is marked, if it can be. */
  async end(): Promise<void> {
    await this.#underWay;
    if (this.#isOwed) await this.#mark();
  }

  async #mark(): Promise<void> {
    this.#nextAt_ms = performance.now() + PAUSE_MS;
    this.#isOwed = false;
    await this.#vault.note().catch(() => undefined);
    this.#underWay = undefined;
  }
}
