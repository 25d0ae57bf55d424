import { canonicalJson, type Transition } from '@tributary/domain';
import { type Instant } from '@tributary/kernel';
import { type Fact, instantOf } from '../replay/facts.js';
import { type Decision, instantOfDecision } from '../replay/read-decisions.js';

export interface Step {
  readonly before: unknown;
  readonly after: unknown;
  readonly currencyBefore: string | null;
  readonly currency: string | null;
  readonly cause: Fact | Decision;
  /** When the value became so, in event time: one decision may hold many transitions, each of its own time. */
  readonly at: Instant;
  /** The transition that made it so, of a stage. */
  readonly transition: Transition | undefined;
}

export interface Noted {
  readonly transition?: Transition | undefined;
  /** Of the value, where it is an amount. */
  readonly currency?: string | null;
}

export const STEP_LIMIT = 50;

/** Notes each change of one value, and keeps the newest `STEP_LIMIT`. Values are compared as canonical JSON, amounts with their currency. */
export class Steps {
  readonly #kept: Step[] = [];
  #value: unknown;
  #currency: string | null;
  #text: string;
  #count = 0;

  constructor(initial: unknown, currency: string | null = null) {
    this.#value = initial ?? null;
    this.#currency = currency;
    this.#text = canonicalJson(this.#value);
  }

  note(value: unknown, cause: Fact | Decision, { transition, currency = null }: Noted = {}): void {
    const after = value ?? null;
    const text = canonicalJson(after);
    if (text === this.#text && currency === this.#currency) return;
    const at = transition?.at ?? (cause.kind === 'decision' ? instantOfDecision(cause) : instantOf(cause));
    const [before, currencyBefore] = [this.#value, this.#currency];
    this.#kept.push({ before, after, currencyBefore, currency, cause, at, transition });
    if (this.#kept.length > STEP_LIMIT) this.#kept.shift();
    this.#count += 1;
    this.#value = after;
    this.#currency = currency;
    this.#text = text;
  }

  /** As `note`, of a change that is older than all that are kept; it came to `value`, which matters where the next is noted. */
  passOver(value?: unknown): void {
    this.#count += 1;
    if (value === undefined) return;
    this.#value = value;
    this.#text = canonicalJson(value);
  }

  /** What it has come to. */
  get value(): unknown {
    return this.#value;
  }

  get kept(): readonly Step[] {
    return this.#kept;
  }

  get omitted(): number {
    return this.#count - this.#kept.length;
  }
}
