import { EngineError } from '@tributary/kernel';
import { type Logger } from 'pino';

/** Asks an engine something that costs it little; rejects if it is away. */
export type Ask = () => Promise<unknown>;

const LOOK_MS = 2_000;
const ANSWER_MS = 5_000;

/**
 * Whether the engines of a process answer, asked all the time: most of what they are needed for comes when it is too late to
 * tell, and a client that waits for its engine by itself tells nobody.
 */
export class EngineWatch {
  readonly #found = new Map<string, string>();
  #isStopped = false;
  /** Ends whatever is waited for; a promise of the end would keep every race with it for ever. */
  readonly #wakes = new Set<() => void>();
  readonly #loops: Promise<void>[] = [];

  constructor(
    readonly logger: Logger,
    readonly look_ms = LOOK_MS,
    readonly answer_ms = ANSWER_MS,
  ) {}

  /** `onFatal`: told of what cannot pass by itself. */
  add(name: string, ask: Ask, onFatal: (error: EngineError) => void = () => undefined): void {
    this.#found.set(name, 'ok');
    const asking: Ask = () =>
      ask().catch((error: unknown) => {
        if (error instanceof EngineError && error.failure === 'fatal' && !this.#isStopped) onFatal(error);
        throw error;
      });
    this.#loops.push(this.#follow(name, asking));
  }

  /** By engine: `ok`, or what is wrong. */
  checks(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#found);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    for (const wake of this.#wakes) wake();
    await Promise.all(this.#loops);
  }

  async #follow(name: string, ask: Ask): Promise<void> {
    while (!this.#isStopped) {
      await this.#within(this.look_ms);
      if (this.#isStopped) return;
      const answer = ask().then(() => 'ok', reasonOf);
      const first = await this.#within(this.answer_ms, answer);
      if (first === undefined) this.#note(name, `no answer within ${this.answer_ms / 1_000} s`);
      // One question at a time: an engine that hangs is not asked more and more.
      const found = first ?? (await this.#within(null, answer));
      if (found !== undefined) this.#note(name, found);
    }
  }

  #note(name: string, found: string): void {
    if (this.#isStopped) return;
    const before = this.#found.get(name);
    this.#found.set(name, found);
    if (before === 'ok' && found !== 'ok') this.logger.warn({ engine: name, reason: found }, 'an engine is away');
    if (before !== 'ok' && found === 'ok') this.logger.info({ engine: name }, 'an engine is back');
  }

  /** What comes of it by then (`null`: whenever it comes), or before the watching ends. */
  #within(ms: number | null, work?: Promise<string>): Promise<string | undefined> {
    return new Promise((resolve) => {
      const over = (found?: string): void => {
        clearTimeout(timer);
        this.#wakes.delete(over);
        resolve(found);
      };
      const timer = ms === null ? undefined : setTimeout(over, ms);
      this.#wakes.add(over);
      void work?.then(over);
    });
  }
}

/** Drivers' own messages may hold anything; those of our adapters hold no secret. */
const reasonOf = (error: unknown): string => (error instanceof EngineError ? error.message : 'it cannot be asked');
