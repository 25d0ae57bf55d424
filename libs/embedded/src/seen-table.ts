import { viewOf } from './bytes.js';
import { RowBatch } from './row-batch.js';
import { type Database } from './sqlite.js';

/** An entry of a run: 16 bytes of key, 8 bytes of place. */
export const SEEN_ENTRY = 24;
/** So many keys are gathered before they are moved; readers keep up to twice as many in memory. */
const GENERATION = 65_536;
/** Keys are moved by their first byte. */
const SLICES = 256;
const LEAST_BYTES = 64 * SEEN_ENTRY;

interface Sweep {
  readonly lastRun: number;
  /** The entries of all runs that are moved, in the order of these. */
  readonly entries: Buffer;
  /** For each first byte, where the entries are that begin with it. */
  readonly slices: readonly number[][];
  next: number;
  moved: number;
  arrived: number;
}

/**
 * Seen keys as their only writer sees them. Keys are random: written where they belong, each would cost a page. So a
 * batch's keys are written as one run, and moved to their table slice by slice, a little with each commit, when enough
 * have gathered for a page to take several at once. The first place wins since runs are moved in order.
 */
export class SeenTable {
  readonly #insert: RowBatch;
  readonly #sql;
  #staged = Buffer.allocUnsafe(LEAST_BYTES);
  #staged_bytes = 0;
  #gathered: { readonly run: number; readonly body: Buffer }[] = [];
  #sweep: Sweep | undefined;

  constructor(
    readonly db: Database,
    readonly generation = GENERATION,
  ) {
    this.#insert = new RowBatch(db, 'INSERT INTO seen (key, place)', 2, 'ON CONFLICT DO NOTHING');
    this.#sql = {
      run: db.prepare('INSERT INTO seen_run (body) VALUES (?) RETURNING id'),
      drop: db.prepare('DELETE FROM seen_run WHERE id <= ?'),
      place: db.prepare(
        'INSERT INTO seen_place (place) VALUES (?) ON CONFLICT (place) DO UPDATE SET place = place RETURNING id',
      ),
    };
    this.forget();
  }

  stage(key: Uint8Array, place: number | string): void {
    const at = this.#staged_bytes;
    if (at + SEEN_ENTRY > this.#staged.length) {
      const larger = Buffer.allocUnsafe(this.#staged.length * 2);
      this.#staged.copy(larger);
      this.#staged = larger;
    }
    this.#staged.set(key, at);
    this.#staged.writeDoubleLE(typeof place === 'number' ? place : -Number(this.#sql.place.get(place)!['id']), at + 16);
    this.#staged_bytes += SEEN_ENTRY;
  }

  flush(): void {
    if (this.#staged_bytes === 0) return;
    const body = this.#staged.subarray(0, this.#staged_bytes);
    const arrived = this.#staged_bytes / SEEN_ENTRY;
    this.#unstage();
    this.#gathered.push({ run: Number(this.#sql.run.get(body)!['id']), body });
    if (this.#sweep) this.#move(this.#sweep, arrived);
    else if (this.#gathered.reduce((sum, run) => sum + run.body.length, 0) >= this.generation * SEEN_ENTRY)
      this.#begin();
  }

  /** What is remembered is what the table of runs holds; a sweep that was under way begins anew, and does no harm. */
  forget(): void {
    this.#insert.forget();
    this.#unstage();
    this.#sweep = undefined;
    this.#gathered = this.db
      .prepare('SELECT id, body FROM seen_run ORDER BY id')
      .all()
      .map((row) => ({ run: Number(row['id']), body: Buffer.from(row['body'] as Uint8Array) }));
  }

  #unstage(): void {
    this.#staged = Buffer.allocUnsafe(LEAST_BYTES);
    this.#staged_bytes = 0;
  }

  #begin(): void {
    const entries = Buffer.concat(this.#gathered.map(({ body }) => body));
    const slices: number[][] = Array.from({ length: SLICES }, () => []);
    for (let at = 0; at < entries.length; at += SEEN_ENTRY) slices[entries[at]!]!.push(at);
    this.#sweep = { lastRun: this.#gathered.at(-1)!.run, entries, slices, next: 0, moved: 0, arrived: 0 };
    this.#gathered = [];
  }

  /** Moves twice as much as arrived, so that a sweep ends before the next is due. */
  #move(sweep: Sweep, arrived: number): void {
    sweep.arrived += arrived;
    const { entries } = sweep;
    const view = viewOf(entries);
    while (sweep.next < SLICES && sweep.moved < sweep.arrived * 2) {
      const slice = sweep.slices[sweep.next++]!;
      // Only neighbourhood matters here, and that equal keys stay in the order of their runs.
      slice.sort((a, b) => view.getUint32(a + 1) - view.getUint32(b + 1));
      for (const at of slice) this.#insert.add(entries.subarray(at, at + 16), view.getFloat64(at + 16, true));
      sweep.moved += slice.length;
    }
    this.#insert.flush();
    if (sweep.next < SLICES) return;
    // The run that came with this very commit stays, so ids only rise: readers count on it.
    this.#sql.drop.run(sweep.lastRun);
    this.#sweep = undefined;
  }
}
