import { MapFailure } from './errors.js';
import { type JsonObject, type JsonValue, type Row } from './model.js';
import { isShortenedNumber, nearest } from '@tributary/contracts';
import { type Spec } from './spec.js';
import { withoutSpreadsheetMarks } from './spreadsheet-text.js';

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
  /** Whether cells are ids, or parts of one, of which a spreadsheet may have left the first digits alone. */
  readonly areIds?: boolean;
  /** Whether rows are entries of a list (`of`), whose members are written with a point in front. */
  readonly inEntry?: boolean;
}

/** Under this name a row holds the entry of a list that it stands for. */
export const entryMember = '';

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
  const cell = plainCellOf(name, set, where);
  if (set.areIds !== true) return cell;
  return (scope) => {
    const text = cell(scope);
    // Alone it would be refused at the door; with text around it nobody could see it there.
    if (text !== null && isShortenedNumber(text))
      throw new MapFailure(
        `<${name}> is a number that a spreadsheet has shortened (1.38E+10): make the column text there, and export it again`,
      );
    return text;
  };
};

const plainCellOf = (name: string, set: ColumnSet, where: Spec): Cell => {
  const made = Object.hasOwn(virtual, name) ? virtual[name] : undefined;
  if (made) return made;
  if (set.kind === 'ndjson') return memberCell(name, set, where);
  const at = set.names.indexOf(name);
  if (at < 0) unknownColumn(name, set, where);
  const { nulls, trim, kind } = set;
  const tidy = (cell: string): string => (trim ? cell.trim() : cell);
  return ({ rows, index }) => {
    const cell = (rows[index]?.values as readonly string[])[at];
    if (cell === undefined || cell === '') return null;
    const plain = tidy(cell);
    const bare = kind === 'csv' ? withoutSpreadsheetMarks(plain) : plain;
    const text = bare === plain ? plain : tidy(bare);
    return text === '' || nulls.has(text) ? null : text;
  };
};

const unknownColumn = (name: string, { names }: ColumnSet, where: Spec): never => {
  const guess = nearest(name, [...names, ...Object.keys(virtual)]);
  return where.fail(
    `names the column <${name}>, which is not among the source's columns`,
    guess ? `Did you mean <${guess}>?` : `It has: ${names.join(', ')}.`,
  );
};

/** The way to a member. Where the source lists its columns, only what they name, or what lies within it, is a member. */
export const pathOf = (name: string, set: ColumnSet, where: Spec): readonly string[] => {
  if (name.startsWith('.')) {
    if (set.inEntry !== true)
      where.fail(
        `names <${name}>, a member of a list's entry`,
        'Write it within $each or $total that says `of: <list>`.',
      );
    return name === '.' ? [entryMember] : name.split('.');
  }
  if (set.names.length > 0 && !set.names.some((listed) => name === listed || name.startsWith(`${listed}.`)))
    unknownColumn(name, set, where);
  return name.split('.');
};

/** What stands at the end of the way; `undefined`: nothing. Throws MapFailure where it would lead through a list. */
export const memberOf = (record: JsonObject, path: readonly string[], name: string): JsonValue | undefined => {
  let value: JsonValue | undefined = record;
  for (const key of path) {
    if (Array.isArray(value))
      throw new MapFailure(`<${name}> leads into a list; read its entries with $each or $total and \`of\``);
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.hasOwn(value, key) ? (value as JsonObject)[key] : undefined;
  }
  return value;
};

/** `a.b.c` in one JSON object; objects and lists are taken as their JSON text. */
const memberCell = (name: string, set: ColumnSet, where: Spec): Cell => {
  const path = pathOf(name, set, where);
  return ({ rows, index }) => {
    const row = rows[index];
    const value = row && memberOf(row.values as JsonObject, path, name);
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
