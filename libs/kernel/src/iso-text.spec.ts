import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isoText } from './iso-text.js';

it('says of any instant what toISOString says', () => {
  const far = 8.64e15;
  const instants = fc.oneof(
    fc.integer({ min: -far, max: far }),
    fc.integer({ min: -1e12, max: 4e12 }),
    fc.double({ min: -far, max: far, noNaN: true }),
  );
  fc.assert(
    fc.property(instants, (at) => isoText(at) === new Date(at).toISOString()),
    { numRuns: 20_000 },
  );
});

it('refuses what is no instant', () => {
  for (const no of [NaN, Infinity, 8.64e15 + 1, -9e15]) expect(() => isoText(no)).toThrow(RangeError);
});
