import { type Cell, type ColumnSet, cellOf } from './columns.js';
import { type Spec } from './spec.js';

const token = /\\([<\\])|<([^<>]+)>|([^<\\]+|[<\\])/gs;

/**
 * Text with columns in angle brackets: `INC/<number>/<sys_mod_count>`. A null column makes the whole text null, so that
 * no id is ever made of half of its parts. `\<` is a plain bracket.
 */
export const templateOf = (text: string, columns: ColumnSet, where: Spec): Cell => {
  const parts: (string | Cell)[] = [];
  for (const [, escaped, column, plain] of text.matchAll(token)) {
    if (column !== undefined) parts.push(cellOf(column, columns, where));
    else parts.push(escaped ?? plain ?? '');
  }
  const only = parts[0];
  if (parts.length === 1 && typeof only === 'function') return only;
  if (parts.every((p) => typeof p === 'string')) {
    const fixed = parts.join('');
    return () => fixed;
  }
  return (scope) => {
    let made = '';
    for (const part of parts) {
      const piece = typeof part === 'string' ? part : part(scope);
      if (piece === null) return null;
      made += piece;
    }
    return made;
  };
};
