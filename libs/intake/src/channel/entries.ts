import { type ColumnSet, entryMember, memberOf, pathOf, type Scope } from './columns.js';
import { MapFailure } from './errors.js';
import { type JsonObject, type Row } from './model.js';
import { type Spec } from './spec.js';

/**
 * The entries of a list in a JSON record, as rows: `<.name>` is a member of the entry, `<.>` the entry itself, and every
 * other name is of the record that holds the list. A record without the list has no entries.
 */
export const entriesOf = (spec: Spec, columns: ColumnSet): ((scope: Scope) => readonly Row[]) => {
  const name = /^<([^<>]+)>$/.exec(spec.text())?.[1];
  if (name === undefined) return spec.fail('names no list', 'Write one column: of: <order.items>.');
  if (columns.kind !== 'ndjson')
    spec.fail('reads lists of JSON', `Leave it out: in ${columns.kind} the rows of a record are what \`group\` says.`);
  const path = pathOf(name, columns, spec);
  const listed = (row: Row | undefined): readonly Row[] => {
    if (!row) return [];
    const list = memberOf(row.values as JsonObject, path, name);
    if (list === undefined || list === null) return [];
    if (!Array.isArray(list)) throw new MapFailure(`<${name}> is not a list`);
    return list.map((entry) => ({ ...row, values: { ...(row.values as JsonObject), [entryMember]: entry } }));
  };
  // A list within an entry is of that entry alone.
  return columns.inEntry === true
    ? ({ rows, index }) => listed(rows[index])
    : ({ rows }) => (rows.length === 1 ? listed(rows[0]) : rows.flatMap(listed));
};
