import { expect, it } from '@jest/globals';
import { byteSize } from './byte-size.js';

it.each([
  ['3g', 3 * 2 ** 30],
  ['1500m', 1500 * 2 ** 20],
  ['2.5GB', 2.5 * 2 ** 30],
  [' 4Gi ', 4 * 2 ** 30],
])('reads %s', (text, bytes) => expect(byteSize(text)).toBe(bytes));

it.each(['3', 'g', '3t', '-1g', '3 g 4', '500k', '100m', '0g', '1e9g'])('refuses %p, with the remedy', (text) =>
  expect(() => byteSize(text)).toThrow(expect.objectContaining({ remedy: expect.stringContaining('3g or 1500m') })),
);

it.each(['', ' '])('takes %j for a variable that is not set', (text) => expect(byteSize(text)).toBeUndefined());
