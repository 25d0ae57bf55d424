/**
 * How long one kind of work may take in one turn of the event loop. Time counts from when the first of it begins; what else the
 * turn does meanwhile counts, too.
 */
export class TurnBudget {
  #began: number | undefined;

  /** `onTurn`: called in the turn after one in which there was such work. */
  constructor(
    readonly limit_ms: number,
    readonly onTurn: () => void = () => undefined,
  ) {}

  get isOver(): boolean {
    return this.#began !== undefined && performance.now() - this.#began >= this.limit_ms;
  }

  begin(): void {
    if (this.#began !== undefined) return;
    this.#began = performance.now();
    setImmediate(() => {
      this.#began = undefined;
      this.onTurn();
    });
  }
}
