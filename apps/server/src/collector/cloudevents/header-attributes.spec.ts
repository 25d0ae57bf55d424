import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Refusal } from '../../refusal.js';
import { headerAttributes } from './header-attributes.js';

const refusedFor = (rawHeaders: readonly string[]): string | null => {
  try {
    headerAttributes(rawHeaders);
  } catch (error) {
    if (error instanceof Refusal) return error.field;
    throw error;
  }
  throw new Error('was read');
};

describe('the attributes in headers', () => {
  test('are those with the prefix, whatever their case', () => {
    expect({ ...headerAttributes(['Host', 'a', 'CE-Id', '1', 'ce-source', '/s', 'x-ce-type', 't']) }).toEqual({
      id: '1',
      source: '/s',
    });
  });

  test('of whatever name are attributes, and nothing else', () => {
    expect(Object.entries(headerAttributes(['ce-__proto__', 'a', 'ce-constructor', 'b', 'ce-', 'c']))).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['', 'c'],
    ]);
  });

  test.each([
    ['one sent twice', ['ce-id', '1', 'ce-source', '/s', 'CE-ID', '2'], 'ce-id'],
    ['one sent twice alike', ['ce-id', '1', 'ce-id', '1'], 'ce-id'],
    ['the data', ['ce-id', '1', 'ce-data', '{}'], 'ce-data'],
    ['none', ['content-type', 'application/json'], 'ce-id'],
    ['a tab', ['ce-id', 'a\tb'], 'ce-id'],
  ])('are refused: %s', (_what, rawHeaders, field) => {
    expect(refusedFor(rawHeaders)).toBe(field);
  });

  test('say what was encoded, percent-encoded or as earlier versions quoted it', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 });
    const ascii = fc.stringMatching(/^[ !"#$&-~]{0,30}$/);
    fc.assert(
      fc.property(text, ascii, (encoded, quoted) => {
        const { id, source } = headerAttributes([
          'ce-id',
          encodeURIComponent(encoded),
          'ce-source',
          `"${quoted.replace(/["\\]/g, '\\$&')}"`,
        ]);
        expect([id, source]).toEqual([encoded, quoted]);
      }),
    );
  });
});
