import { expect, test } from '@jest/globals';
import { type Profile } from '@tributary/domain';
import { currencyAt } from './currency-at.js';

const profile = {
  value: {
    currency: 'CNY',
    net: '1.00',
    gross: '2.00',
    averageOrder: '2.00',
    purchases: 1,
    others: { USD: { net: '3' } },
  },
  orders: { placed: 1, recent: [{ net: '3.00', gross: '3.00', currency: 'USD', status: 'placed' }] },
  preferences: { categories: [{ category: 'tea', bought: '1.00', viewed: 2 }] },
} as unknown as Profile;

test.each([
  ['value.net', 'CNY'],
  ['value.gross', 'CNY'],
  ['value.averageOrder', 'CNY'],
  ['value.others.USD.net', 'USD'],
  ['orders.recent[0].net', 'USD'],
  ['orders.recent.0.gross', 'USD'],
  ['preferences.categories[0].bought', 'CNY'],
  ['value', null],
  ['value.currency', null],
  ['value.purchases', null],
  ['value.others.JPY.net', null],
  ['orders.recent[1].net', null],
  ['orders.recent[0].status', null],
  ['preferences.categories[0].viewed', null],
])('what stands at %s is told in %s', (path, currency) => expect(currencyAt(profile, path)).toBe(currency));

test('nothing is told in a currency before anything was bought', () => {
  expect(currencyAt({ value: { ...profile.value, currency: null } }, 'value.net')).toBeNull();
});
