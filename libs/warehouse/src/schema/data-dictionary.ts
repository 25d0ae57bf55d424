import { isReplacing, type TableSpec, type ViewSpec } from './table-spec.js';
import { factTables, tables } from './tables.js';
import { views } from './views.js';

const cell = (text: string): string => text.replace(/\|/g, '\\|').replace(/\n/g, ' ');

const tablePage = (table: TableSpec): string =>
  [
    `### \`${table.name}\``,
    '',
    table.comment,
    '',
    `Engine \`${table.engine}\`, ordered by \`${table.orderBy.join(', ')}\`${isReplacing(table) ? '; read it with `FINAL`' : ''}. Erased by \`${table.personalBy}\`.`,
    '',
    '| Column | Type | What it holds |',
    '|---|---|---|',
    ...table.columns.map(({ name, type, comment }) => `| \`${name}\` | \`${type}\` | ${cell(comment)} |`),
    '',
  ].join('\n');

const viewPage = (view: ViewSpec): string =>
  [
    `### \`${view.name}\`${view.parameters ? ` (${view.parameters.map((one) => `\`${one}\``).join(', ')})` : ''}`,
    '',
    view.comment,
    '',
    '| Column | What it holds |',
    '|---|---|',
    ...view.columns.map(([name, comment]) => `| \`${name}\` | ${cell(comment)} |`),
    '',
  ].join('\n');

/** The data dictionary in Markdown, from the specs that the tables are made from. */
export const dataDictionary = (): string => {
  const facts = new Set(factTables.map(({ name }) => name));
  return [
    '# Data dictionary',
    '',
    '<!-- Generated from libs/warehouse/src/schema. Do not edit. -->',
    '',
    'What analysts find in the database `tributary`. Times are UTC. Facts carry the subject that they were filed under and',
    'never change; views join the customer of today through `customer_subjects`, so a merge or unmerge shows at once.',
    '',
    '## Views',
    '',
    ...views.map(viewPage),
    '## Facts',
    '',
    ...factTables.map(tablePage),
    '## State',
    '',
    ...tables.filter(({ name }) => !facts.has(name)).map(tablePage),
  ].join('\n');
};
