import { onCluster, quoted } from './ddl.js';
import { type TableSpec } from './table-spec.js';

export interface CommentRow {
  readonly table: string;
  /** Empty: of the table itself. */
  readonly column: string;
  readonly comment: string;
}

/** What the engine says of the tables of this database, in one question. */
export const readComments = (names: readonly string[]): string => {
  const listed = names.map(quoted).join(', ');
  return `SELECT table, name AS column, comment FROM system.columns WHERE database = currentDatabase() AND table IN (${listed})
    UNION ALL SELECT name, '', comment FROM system.tables WHERE database = currentDatabase() AND name IN (${listed})`;
};

/**
 * `CREATE IF NOT EXISTS` leaves a table with the comments of the program that made it. One statement for each table whose comments
 * are not those of its spec; none where all are. What is there under a name of the spec's is commented, whatever its type.
 */
export const commentStatements = (
  { columns, comment }: TableSpec,
  name: string,
  found: readonly CommentRow[],
  cluster?: string,
): readonly string[] => {
  const wanted = new Map([['', comment], ...columns.map((column) => [column.name, column.comment] as const)]);
  const differing = found.filter(
    (row) => row.table === name && (wanted.get(row.column) ?? row.comment) !== row.comment,
  );
  if (differing.length === 0) return [];
  const changes = differing.map(({ column }) => {
    const text = quoted(wanted.get(column) ?? '');
    return column === '' ? `MODIFY COMMENT ${text}` : `COMMENT COLUMN ${column} ${text}`;
  });
  return [`ALTER TABLE ${name}${onCluster(cluster)} ${changes.join(', ')}`];
};
