import { RowBatch } from './row-batch.js';
import { type Database } from './sqlite.js';

/** An entry of a run: 16 bytes of key, 8 bytes of place. */
export const SEEN_ENTRY = 24;
/** So many keys are gathered before they are moved; readers keep up to twice as many in memory. */
const GENERATION = 65_536;
/** Keys are moved by their first byte. */
const SLICES = 256;

interface Sweep {
  readonly lastRun: number;
  /** For each first byte, the entries that begin with it, in the order of their runs. */
  readonly slices: readonly (readonly Buffer[])[];
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
  #staged: Buffer[] = [];
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
    const entry = Buffer.allocUnsafe(SEEN_ENTRY);
    entry.set(key);
    entry.writeDoubleLE(typeof place === 'number' ? place : -Number(this.#sql.place.get(place)!['id']), 16);
    this.#staged.push(entry);
  }

  flush(): void {
    if (this.#staged.length === 0) return;
    const body = Buffer.concat(this.#staged);
    const arrived = this.#staged.length;
    this.#staged = [];
    this.#gathered.push({ run: Number(this.#sql.run.get(body)!['id']), body });
    if (this.#sweep) this.#move(this.#sweep, arrived);
    else if (this.#gathered.reduce((sum, run) => sum + run.body.length, 0) >= this.generation * SEEN_ENTRY)
      this.#begin();
  }

  /** What is remembered is what the table of runs holds; a sweep that was under way begins anew, and does no harm. */
  forget(): void {
    this.#insert.forget();
    this.#staged = [];
    this.#sweep = undefined;
    this.#gathered = this.db
      .prepare('SELECT id, body FROM seen_run ORDER BY id')
      .all()
      .map((row) => ({ run: Number(row['id']), body: Buffer.from(row['body'] as Uint8Array) }));
  }

  #begin(): void {
    const slices: Buffer[][] = Array.from({ length: SLICES }, () => []);
    for (const { body } of this.#gathered)
      for (let at = 0; at < body.length; at += SEEN_ENTRY) slices[body[at]!]!.push(body.subarray(at, at + SEEN_ENTRY));
    this.#sweep = { lastRun: this.#gathered.at(-1)!.run, slices, next: 0, moved: 0, arrived: 0 };
    this.#gathered = [];
  }

  /** Moves twice as much as arrived, so that a sweep ends before the next is due. */
  #move(sweep: Sweep, arrived: number): void {
    sweep.arrived += arrived;
    while (sweep.next < SLICES && sweep.moved < sweep.arrived * 2) {
      const slice = [...sweep.slices[sweep.next++]!];
      // Only neighbourhood matters here, and that equal keys stay in the order of their runs.
      slice.sort((a, b) => a.readUIntBE(1, 6) - b.readUIntBE(1, 6));
      for (const entry of slice) this.#insert.add(entry.subarray(0, 16), entry.readDoubleLE(16));
      sweep.moved += slice.length;
    }
    this.#insert.flush();
    if (sweep.next < SLICES) return;
    // The run that came with this very commit stays, so ids only rise: readers count on it.
    this.#sql.drop.run(sweep.lastRun);
    this.#sweep = undefined;
  }
}
