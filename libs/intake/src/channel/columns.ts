import { MapFailure } from './errors.js';
import { type JsonObject, type JsonValue, type Row } from './model.js';
import { nearest } from './nearest.js';
import { type Spec } from './spec.js';

/** Where an expression is evaluated: one row among the rows of its record. */
export interface Scope {
  readonly rows: readonly Row[];
  index: number;
  readonly file: string;
}

/** The text of a cell; `null` where it is empty or stands for nothing. Throws MapFailure for a number that is not exact. */
export type Cell = (scope: Scope) => string | null;

export interface ColumnSet {
  readonly kind: 'csv' | 'whitespace' | 'ndjson';
  readonly names: readonly string[];
  readonly nulls: ReadonlySet<string>;
  readonly trim: boolean;
}

/** Not in the file, known of each row. Positions count from 1 within the record. */
const virtual: Readonly<Record<string, Cell>> = {
  $row: (s) => String(s.rows[s.index]?.row ?? ''),
  $file: (s) => s.file,
  $index: (s) => String(s.index + 1),
  $first: (s) => (s.index === 0 ? 'true' : null),
  $last: (s) => (s.index === s.rows.length - 1 ? 'true' : null),
};

/** Finds a column by name; complains at `where` if the source has none of that name. */
export const cellOf = (name: string, set: ColumnSet, where: Spec): Cell => {
  const made = Object.hasOwn(virtual, name) ? virtual[name] : undefined;
  if (made) return made;
  if (set.kind === 'ndjson') return memberCell(name, set);
  const at = set.names.indexOf(name);
  if (at < 0) {
    const guess = nearest(name, [...set.names, ...Object.keys(virtual)]);
    where.fail(
      `names the column <${name}>, which is not among the source's columns`,
      guess ? `Did you mean <${guess}>?` : `It has: ${set.names.join(', ')}.`,
    );
  }
  const { nulls, trim } = set;
  return ({ rows, index }) => {
    const cell = (rows[index]?.values as readonly string[])[at];
    if (cell === undefined || cell === '') return null;
    const text = trim ? cell.trim() : cell;
    return text === '' || nulls.has(text) ? null : text;
  };
};

/** `a.b.c` in one JSON object; objects and lists are taken as their JSON text. */
const memberCell = (name: string, set: ColumnSet): Cell => {
  const path = name.split('.');
  return ({ rows, index }) => {
    let value: JsonValue | undefined = rows[index]?.values as JsonObject;
    for (const key of path) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
      value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
    }
    if (value === undefined || value === null) return null;
    if (typeof value === 'object') return JSON.stringify(value);
    // Its last digits are others than those of the file, and two ids would pass for one.
    if (typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value))
      throw new MapFailure(
        `<${name}> is a number beyond 2^53, which JSON numbers do not keep exactly; write it in double quotes`,
      );
    const text = set.trim ? String(value).trim() : String(value);
    return text === '' || set.nulls.has(text) ? null : text;
  };
};
