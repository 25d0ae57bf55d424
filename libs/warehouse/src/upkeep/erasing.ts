import { EngineError, type Warehouse } from '@tributary/kernel';
import { pause } from '../load/pacing.js';
import { failureOf } from '../warehouse-errors.js';

export type Listed = readonly (readonly [id: string, position: number])[];

/** Whom statements are about, and how they say it. */
export interface Whom {
  /** Goes behind `IN`. */
  readonly set: string;
  /** The same ids as an array. */
  readonly array: string;
  /** The position that goes with the id in a column; 0 where it is none of these. */
  positionOf(column: string): string;
  /** To be put behind a question that says so. */
  readonly unlogged: string;
  /** Removes the rows of which this holds; answers how many they were. */
  remove(table: string, where: string): Promise<number>;
}

/** How rows of some people leave the tables. */
export interface Erasing {
  /** Ends what an earlier life of this left. */
  begin(): Promise<void>;
  listed<T>(entries: Listed, use: (whom: Whom) => Promise<T>): Promise<T>;
  /** Resolves when what was removed is so wherever the rows lie. */
  end(): Promise<void>;
  /** Under which name the rows of a table lie. */
  rowsOf(table: string): string;
}

export const positionless = (ids: readonly string[]): Listed => ids.map((id) => [id, 1]);

/** Deletions of this database of which `which` holds, and are not over; each with why it failed last, if it did. */
export const openDeletions = (warehouse: Warehouse, which: string): Promise<readonly { readonly reason: string }[]> =>
  warehouse.query(
    `SELECT latest_fail_reason AS reason FROM system.mutations WHERE database = currentDatabase() AND ${which} AND NOT is_done`,
  );

/** Resolves when they are over; rejects with a retriable EngineError, which says what that is, if one fails. */
export const deletionsOver = async (warehouse: Warehouse, which: string, what: string): Promise<void> => {
  for (let wait_ms = 2; ; wait_ms = Math.min(2 * wait_ms, 500)) {
    const open = await openDeletions(warehouse, which);
    if (open.length === 0) return;
    const failed = open.find(({ reason }) => reason !== '');
    // ClickHouse's own words may quote a value: they stay there.
    if (failed)
      throw new EngineError('warehouse', 'retriable', `${what}: ${failureOf('warehouse', failed.reason).reason}`);
    await pause(wait_ms, never);
  }
};

const never = new AbortController().signal;
