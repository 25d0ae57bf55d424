import { expect, it } from '@jest/globals';
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
