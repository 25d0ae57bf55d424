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
