import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
// region example
import { channelOf, combine, emptyState, touchpointTopic } from './index.js';

const inTheShop = { ...emptyState(), touchpoints: 2, first: 1_000, last: 5_000 };
const onThePhone = { ...emptyState(), touchpoints: 1, first: 3_000, last: 9_000 };

// A customer is what its subjects combine to, in whatever order: so a merge is exact, and so is its opposite.
const customer = combine([inTheShop, onThePhone]);
const channel = channelOf(touchpointTopic('web_shop'));
// endregion

it('does what the README shows', () => {
  expect(customer).toMatchObject({ touchpoints: 3, first: 1_000, last: 9_000 });
  expect(combine([onThePhone, inTheShop])).toEqual(customer);
  expect(channel).toBe('web_shop');
});

it('is what the README shows', () => {
  const source = readFileSync(fileURLToPath(import.meta.url), 'utf8');
  const example = /\/\/ region example\n([^]*?)\/\/ endregion/.exec(source)?.[1] ?? '';
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(
    example
      .replace("'./index.js'", "'@tributary/domain'")
      .replace("'./memory/memory-store.js'", "'@tributary/kernel/memory'")
      .trim(),
  );
});
