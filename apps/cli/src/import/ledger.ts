import { type FileBatch } from '@tributary/intake';

/** Every row of a file that was taken so far, in exactly one account: `rows` = `covered` + Σ `ignored` + `quarantined`. */
export interface Ledger {
  readonly rows: number;
  /** Rows that accepted touchpoints stand for. */
  readonly covered: number;
  /** Rows that the channel file leaves out on purpose, by its reason. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Rows that could not be understood and went to the quarantine with their bytes. */
  readonly quarantined: number;
  /** Their number by reason; what comes behind the first `MOST_REASONS` is counted together. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Touchpoints that the door accepted: new ones, and ones it knew. */
  readonly touchpoints: number;
}

export const emptyLedger: Ledger = { rows: 0, covered: 0, ignored: {}, quarantined: 0, reasons: {}, touchpoints: 0 };

/**
 * So many reasons are told apart: some name a field of the row, and where each row has a field of its own the account, which
 * every checkpoint writes, would grow as long as the file.
 */
export const MOST_REASONS = 1_000;
export const OTHER_REASONS = `a reason beyond the first ${MOST_REASONS.toLocaleString('en')}`;

/** What the door did not take, by the item's place in the batch. */
export type Refusals = ReadonlyMap<number, string>;

/** What a stretch of rows came to: one entry of the running account. */
interface Entry {
  readonly row: number;
  readonly rows: number;
  /** `null`: a touchpoint that was accepted. */
  readonly reason: string | null;
}

/**
 * The running account of an import. Rows of records that were still open at a batch's `resumeAt` are read again after an
 * interruption, so an account for the checkpoint leaves out what was made of rows beyond it.
 */
export class RunningLedger {
  #total: { rows: number; covered: number; quarantined: number; touchpoints: number };
  readonly #ignored: Record<string, number>;
  readonly #reasons: Record<string, number>;
  /** Reasons that are told apart. */
  readonly #told: Set<string>;
  /** What stands beyond the last `resumeAt`; the open records bound it. */
  #beyond: Entry[] = [];
  #resumeAt: number;

  constructor(from: Ledger, resumeAt: number) {
    const { ignored, reasons, ...total } = from;
    this.#total = { ...total };
    this.#ignored = { ...ignored };
    this.#reasons = { ...reasons };
    this.#told = new Set(Object.keys(reasons));
    this.#resumeAt = resumeAt;
  }

  /** Call in the order of the file, once all of the batch is durable. */
  add(batch: FileBatch, refused: Refusals): void {
    batch.items.forEach(({ row, rows }, index) => this.#book({ row, rows, reason: refused.get(index) ?? null }));
    for (const { row, rows, reason } of batch.rejects) this.#book({ row, rows, reason });
    for (const [reason, rows] of Object.entries(batch.ignored))
      this.#ignored[reason] = (this.#ignored[reason] ?? 0) + rows;
    this.#total.rows += batch.rows;
    this.#resumeAt = batch.resumeAt;
    this.#beyond = this.#beyond.filter(({ row }) => row > this.#resumeAt);
  }

  #book({ row, rows, reason: given }: Entry): void {
    const reason = given === null ? null : this.#toldAs(given);
    this.#beyond.push({ row, rows, reason });
    if (reason === null) {
      this.#total.touchpoints += 1;
      this.#total.covered += rows;
    } else {
      this.#total.quarantined += rows;
      this.#reasons[reason] = (this.#reasons[reason] ?? 0) + rows;
    }
  }

  #toldAs(reason: string): string {
    if (this.#told.has(reason)) return reason;
    if (this.#told.size >= MOST_REASONS) return OTHER_REASONS;
    this.#told.add(reason);
    return reason;
  }

  get total(): Ledger {
    return { ...this.#total, ignored: { ...this.#ignored }, reasons: { ...this.#reasons } };
  }

  /** The account of the rows up to `resumeAt`, from which an interrupted import goes on. */
  get checkpoint(): { readonly resumeAt: number; readonly ledger: Ledger } {
    const total = { ...this.#total };
    const reasons = { ...this.#reasons };
    for (const { rows, reason } of this.#beyond) {
      if (reason === null) {
        total.touchpoints -= 1;
        total.covered -= rows;
      } else {
        total.quarantined -= rows;
        if ((reasons[reason] = (reasons[reason] ?? 0) - rows) <= 0) delete reasons[reason];
      }
    }
    // Ignored rows carry no place: what is too many must have been beyond, the latest reasons first.
    const ignored = { ...this.#ignored };
    let over = total.covered + total.quarantined + sumOf(ignored) - this.#resumeAt;
    for (const reason of Object.keys(ignored).reverse()) {
      const less = Math.min(Math.max(over, 0), ignored[reason] ?? 0);
      over -= less;
      if ((ignored[reason] = (ignored[reason] ?? 0) - less) === 0) delete ignored[reason];
    }
    return { resumeAt: this.#resumeAt, ledger: { ...total, rows: this.#resumeAt, ignored, reasons } };
  }
}

export const sumOf = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, n) => sum + n, 0);
