interface Waiting {
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** Questions that another thread was asked and has not answered yet, by number. An answer that nobody waits for is dropped. */
export class Calls {
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  get size(): number {
    return this.#waiting.size;
  }

  /** Settles as the question of this number is answered or refused; what `post` throws refuses it. */
  ask<Answer>(post: (call: number) => void): Promise<Answer> {
    const call = ++this.#last;
    return new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(call, { resolve: resolve as Waiting['resolve'], reject });
      try {
        post(call);
      } catch (error) {
        this.#waiting.delete(call);
        throw error;
      }
    });
  }

  answered(call: number, answer: unknown): void {
    this.#taken(call)?.resolve(answer);
  }

  refused(call: number, error: Error): void {
    this.#taken(call)?.reject(error);
  }

  /** Nobody answers any more. */
  refuseAll(error: Error): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  #taken(call: number): Waiting | undefined {
    const waiting = this.#waiting.get(call);
    this.#waiting.delete(call);
    return waiting;
  }
}
