import { padEnd, padStart, textWidth } from './text-width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows under aligned titles, two blanks apart, each line indented alike. */
export const table = (columns: readonly Column[], rows: readonly (readonly string[])[], indent = ''): string => {
  const widths = columns.map(({ title }, i) =>
    Math.max(textWidth(title), ...rows.map((row) => textWidth(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]): string =>
    indent +
    columns
      .map(({ align }, i) => (align === 'right' ? padStart : padEnd)(cells[i] ?? '', widths[i] ?? 0))
      .join('  ')
      .trimEnd();
  const titles = columns.some(({ title }) => title !== '') ? [line(columns.map(({ title }) => title))] : [];
  return [...titles, ...rows.map(line)].map((text) => `${text}\n`).join('');
};

/** Names and values, the values in one column. */
export const pairs = (rows: readonly (readonly [string, string])[], indent = ''): string =>
  table([{ title: '' }, { title: '' }], rows, indent);
