import { describe, expect, test } from '@jest/globals';
import { dataDictionary } from './data-dictionary.js';
import { tables } from './tables.js';
import { views } from './views.js';

describe('the schema', () => {
  test('names are snake_case, and everything has a comment', () => {
    for (const { name, comment, columns } of tables) {
      expect(name).toMatch(/^[a-z][a-z0-9_]*$/);
      expect(comment).not.toBe('');
      for (const column of columns) {
        expect(column.name).toMatch(/^[a-z][a-z0-9_]*$/);
        expect(column.comment).not.toBe('');
      }
    }
    for (const view of views) for (const [name, comment] of view.columns) expect([name, comment]).not.toContain('');
  });

  test('the dictionary names every table, view and column', () => {
    const text = dataDictionary();
    for (const { name, columns } of tables)
      for (const one of [name, ...columns.map((column) => column.name)]) expect(text).toContain(`\`${one}\``);
    for (const { name, columns } of views)
      for (const one of [name, ...columns.map(([column]) => column)]) expect(text).toContain(`\`${one}\``);
  });
});
