import { describe, expect, test } from '@jest/globals';
import { nearest } from './nearest.js';
import { pathsOf, valueAt } from './profile-path.js';

const profile = {
  value: { net: '1.00' },
  orders: { recent: [{ net: '2.00' }] },
  activity: { channels: { 'shop.eu': { count: 3 }, shop: { count: 1 } } },
  traits: { name: 'Lin' },
  lifecycle: { tier: null },
};

describe('paths', () => {
  test.each([
    ['value.net', '1.00'],
    ['orders.recent[0].net', '2.00'],
    ['orders.recent.0.net', '2.00'],
    ['activity.channels.shop.eu.count', 3],
    ['activity.channels.shop.count', 1],
    ['lifecycle.tier', null],
  ])('%s leads to a value', (path, value) => expect(valueAt(profile, path)).toEqual({ value }));

  test.each([
    '',
    '.',
    'value.',
    'value.nett',
    'orders.recent[1]',
    'orders.recent.length',
    'traits.constructor',
    '__proto__',
    'a'.repeat(300),
  ])('%s leads nowhere', (path) => expect(valueAt(profile, path)).toBeUndefined());

  test.each([
    ['value.nett', 'value.net'],
    ['name', 'traits.name'],
    ['trait.name', 'traits.name'],
    ['lifecycle.tier.stge', 'lifecycle.tier.stage'],
  ])('%s is taken for a slip of %s', (asked, meant) => expect(nearest(asked, pathsOf(profile), 3)[0]).toBe(meant));
});
