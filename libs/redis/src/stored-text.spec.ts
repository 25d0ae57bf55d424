import { describe, expect, it } from '@jest/globals';
import { storedDocument, storedText } from './stored-text.js';

describe('a stored document', () => {
  it('compares by its version as text', () => {
    const versions = [0, 9, 10, 1_234_567, Number.MAX_SAFE_INTEGER];
    const texts = versions.map((version) => storedText(version, 'x').slice(0, 16));
    expect([...texts].sort()).toEqual(texts);
    expect(() => storedText(-1, 'x')).toThrow('position');
    expect(() => storedText(2 ** 53, 'x')).toThrow('position');
  });

  it('is read as it was written; a deleted one is none', () => {
    for (const body of ['', '+', '-{"名":1}'])
      expect(storedDocument('k', storedText(42, body))).toEqual({ key: 'k', version: 42, body });
    expect(storedDocument('k', storedText(42, null))).toBeUndefined();
    expect(storedDocument('k', null)).toBeUndefined();
  });
});
