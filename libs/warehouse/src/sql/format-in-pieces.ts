/**
 * Formats of rows that follow each other with nothing before, between or after them. The engine renders each block of an
 * answer by itself when it streams: of any other format that would be a document after the other, each with its own head.
 */
const rowByRow = new Set([
  'tabseparated', 'tsv', 'tabseparatedraw', 'tsvraw', 'raw', 'csv', 'tskv', 'jsoneachrow', 'jsonlines', 'jsonl', 'ndjson',
  'jsonstringseachrow', 'jsoncompacteachrow', 'jsoncompactstringseachrow', 'rowbinary', 'native', 'msgpack', 'bsoneachrow', 'lineasstring',
]); // prettier-ignore

/** Whether the blocks of an answer in this format, one after the other, are the answer. */
export const comesInPieces = (format: string, settings: Readonly<Record<string, string | number>>): boolean =>
  rowByRow.has(format.toLowerCase()) && !Object.hasOwn(settings, 'output_format_json_array_of_rows');
