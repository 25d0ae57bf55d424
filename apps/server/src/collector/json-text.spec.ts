import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonTextOf } from './json-text.js';

const deep = (inner: string, levels = 10_000) => `${'{"a":['.repeat(levels)}${inner}${']}'.repeat(levels)}`;

describe('JSON text of what a parser made', () => {
  it('is that of JSON.stringify, at any depth', () => {
    expect(() => JSON.stringify(JSON.parse(deep('0')))).toThrow(RangeError);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonTextOf(value)).toBe(JSON.stringify(value));
        expect(jsonTextOf(JSON.parse(deep(JSON.stringify(value))))).toBe(deep(JSON.stringify(value)));
      }),
      { numRuns: 10 },
    );
  });

  it('takes a list of any length beside it', () => {
    const text = `[${deep('1')}${',0'.repeat(200_000)}]`;
    expect(jsonTextOf(JSON.parse(text))).toBe(text);
  });
});
