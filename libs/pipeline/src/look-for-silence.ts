import { type DocumentStore, EngineError } from '@tributary/kernel';
import { type ProcessingTime } from './processing-time.js';
import { type KeepingUp } from './reading.js';

const IDLE_MS = 150;
/** How often silence is looked for where input never pauses. */
const STEADY_MS = 1_000;
const START_MS = 1_000;

export interface Looked {
  readonly documents: DocumentStore;
  readonly time: ProcessingTime;
  readonly intake: Pick<KeepingUp, 'look'>;
  /** Nothing that was read has still to have its effect. */
  readonly isAtRest: () => boolean;
  /** Asks some of those who are due, when its turn comes, if it `mayStill`; answers whether there may be more. */
  readonly ask: (mayStill: () => boolean) => Promise<boolean>;
  readonly onError: (error: unknown) => void;
}

/** When to look at whoever is due: once everything that waited has been read, in a pause, or now and then where none comes. */
export class LookForSilence {
  readonly #looked: Looked;
  #timers: NodeJS.Timeout | null = null;
  #lastBatchAt = 0;
  #askAt = 0;
  #asking = false;

  constructor(looked: Looked) {
    this.#looked = looked;
  }

  begin(): void {
    // What waited while nobody ran has a moment to be read before anybody is found silent.
    this.#lastBatchAt = this.#askAt = performance.now() + START_MS;
    this.#timers = setInterval(() => void this.#onIdle(), IDLE_MS);
  }

  /** What is under way goes on to the end of its turn. */
  stop(): void {
    if (this.#timers) clearInterval(this.#timers);
    this.#timers = null;
  }

  /** Some of what came in has its turn. */
  interrupted(at_ms: number): void {
    this.#lastBatchAt = at_ms;
  }

  async #onIdle(): Promise<void> {
    const pausing = this.#isPausing();
    if (this.#asking || (!pausing && performance.now() < this.#askAt)) return;
    this.#asking = true;
    try {
      if (await this.#mayAsk()) await (pausing ? this.#askInPause() : this.#askMeanwhile());
    } catch (error) {
      this.#looked.onError(error);
    } finally {
      this.#asking = false;
      this.#askAt = performance.now() + STEADY_MS;
    }
  }

  #isPausing(): boolean {
    return performance.now() - this.#lastBatchAt >= IDLE_MS && this.#looked.isAtRest();
  }

  /** Somebody is due, and what waits, if anything does, has only just come: nobody's silence hangs on it for long. */
  async #mayAsk(): Promise<boolean> {
    const { documents, time } = this.#looked;
    const wants = time.mustAskAgain || (await documents.due('customer', time.now(), 1)).length > 0;
    if (!wants) await time.mark(documents);
    return wants && this.#keepsUp();
  }

  /** A log that is away for a while says nothing of what waits there. */
  async #keepsUp(): Promise<boolean> {
    try {
      return await this.#looked.intake.look();
    } catch (error) {
      if (error instanceof EngineError && error.failure === 'retriable') return false;
      throw error;
    }
  }

  async #askInPause(): Promise<void> {
    const before = this.#lastBatchAt;
    const isQuiet = (): boolean => this.#timers !== null && this.#lastBatchAt === before && this.#isPausing();
    while (isQuiet() && (await this.#looked.ask(isQuiet)));
  }

  /** Everybody who is due, unless they are so many that what comes in would wait for them. */
  async #askMeanwhile(): Promise<void> {
    const late = performance.now() + STEADY_MS;
    const goesOn = (): boolean => this.#timers !== null && performance.now() < late;
    while (goesOn() && (await this.#looked.ask(goesOn)));
  }
}
