import { type ColumnSet } from './columns.js';
import { type InstantParser } from './instants.js';

/** What expressions and conditions are compiled against. */
export interface Source {
  readonly columns: ColumnSet;
  readonly zone: string;
  /** What `parseInstant` reads, for complaints. */
  readonly formats: readonly string[];
  readonly parseInstant: InstantParser;
}
