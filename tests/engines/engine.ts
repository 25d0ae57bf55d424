import { describe, expect, it } from '@jest/globals';

/**
 * A suite over a real engine, whose address the environment gives. Without it the suite is skipped, unless engines are
 * required: then its absence is a failure, so that nothing that did not run looks like something that passed.
 */
export const engine = (variable: string, suite: (url: string) => void): void => {
  const url = process.env[variable];
  if (url) return suite(url);
  if (process.env['TRIBUTARY_TEST_ENGINES'] === 'required')
    it(`${variable} says where the engine is`, () => expect(url).toBeDefined());
  else describe.skip(`${variable} is not set`, () => it('is skipped', () => {}));
};
