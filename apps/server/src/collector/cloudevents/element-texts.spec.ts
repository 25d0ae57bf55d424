import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { elementTexts } from './element-texts.js';

test('the texts of a list’s elements are those that it was put together from', () => {
  const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
  const element = fc.tuple(space, fc.json({ maxDepth: 3, stringUnit: 'grapheme' }), space);
  fc.assert(
    fc.property(space, fc.array(element, { minLength: 1 }), (around, elements) => {
      const list = `${around}[${elements.map((parts) => parts.join('')).join(',')}]${around}`;
      expect(elementTexts(Buffer.from(list)).map(String)).toEqual(elements.map(([, text]) => text));
    }),
  );
});

test('digits stay, and what looks like structure in a text is none', () => {
  const elements = ['7201234567890123457', '"],[{\\"\\\\"', '{"a":[1,{"b":"}"}]}', '[]', '1.0e2'];
  expect(elementTexts(Buffer.from(`[ ${elements.join(' ,\n')} ]`)).map(String)).toEqual(elements);
});
