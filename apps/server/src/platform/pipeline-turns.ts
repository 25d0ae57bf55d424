import { type DocumentStore, EngineError } from '@tributary/kernel';

/**
 * An examination was given up because the pipeline it was of is about to be stopped or replaced. Retriable, so that a repair
 * which ends so leads to a new pipeline and not to none.
 */
export class Interrupted extends EngineError {
  constructor() {
    super('pipeline', 'retriable', 'interrupted: the pipeline was stopped or begun anew meanwhile; ask again');
  }
}

/**
 * Which pipeline runs is changed, and examined, one at a time: no report is about a pipeline that was replaced meanwhile.
 * A change does not wait for an examination to end, which may take minutes: it interrupts what may be interrupted.
 */
export class PipelineTurns {
  #turn: Promise<void> = Promise.resolve();
  readonly #examinations = new Set<AbortController>();
  readonly #onFailure: (error: unknown) => Promise<void>;

  constructor(onFailure: (error: unknown) => Promise<void>) {
    this.#onFailure = onFailure;
  }

  change(work: () => Promise<void>): void {
    this.interrupt();
    this.#turn = this.#turn.then(work).catch(this.#onFailure);
  }

  /** Rejects with `Interrupted` where the work looked at the signal. */
  examine<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const interruption = new AbortController();
    this.#examinations.add(interruption);
    const result = this.#turn
      .then(() => {
        assertGoesOn(interruption.signal);
        return work(interruption.signal);
      })
      .finally(() => this.#examinations.delete(interruption));
    this.#turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  interrupt(): void {
    for (const interruption of this.#examinations) interruption.abort();
  }
}

const assertGoesOn = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Interrupted();
};

/** Documents of an examination: each use of them is a place at which it can be interrupted. */
export const interruptible = (documents: DocumentStore, signal: AbortSignal): DocumentStore =>
  new Proxy(documents, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return async (...given: unknown[]): Promise<unknown> => {
        assertGoesOn(signal);
        return Reflect.apply(member, target, given) as unknown;
      };
    },
  });
