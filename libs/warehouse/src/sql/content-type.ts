/** Content-Type of a format's answer, as ClickHouse sends it. */
export const contentTypeOf = (format: string): string => {
  if (/^JSON/.test(format)) return 'application/json; charset=UTF-8';
  if (format === 'NDJSON') return 'application/x-ndjson; charset=UTF-8';
  if (/^CSV/.test(format)) return `text/csv; charset=UTF-8; header=${/WithNames/.test(format) ? 'present' : 'absent'}`;
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Pretty|Vertical|Values|Markdown|MD|TSKV|LineAsString|SQLInsert|CustomSeparated)/.test(format))
    return 'text/plain; charset=UTF-8';
  if (format === 'XML') return 'application/xml; charset=UTF-8';
  return 'application/octet-stream';
};
