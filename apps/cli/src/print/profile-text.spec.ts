import { describe, expect, test } from '@jest/globals';
import { type Profile } from '../http/api.js';
import { profileText } from './profile-text.js';

const profileOf = (value: Partial<Profile['value']>): Profile =>
  ({
    customerId: 'c_1',
    subjects: [],
    identifiers: [],
    traits: {},
    lifecycle: { relationship: null, buyer: null, tier: null },
    value: {
      currency: 'JPY',
      purchases: 3,
      purchaseDays: 3,
      gross: '3307.985',
      net: '1560.985',
      firstPurchase: null,
      lastPurchase: null,
      recencyDays: null,
      others: {},
      ...value,
    },
    activity: { touchpoints: 0, channels: {} },
  }) as unknown as Profile;

const worthOf = (value: Partial<Profile['value']>): string[] =>
  (/Value 价值\n([\s\S]*?)\n {2}first/.exec(profileText(profileOf(value)))?.[1] ?? '')
    .split('\n')
    .map((line) => line.trim().replace(/ {2,}/g, '  '));

describe('what a customer is worth', () => {
  test('in one currency is told in it', () => {
    expect(worthOf({})).toEqual(['purchases  3 on 3 days', 'gross / net  3,307.985 JPY / 1,560.985 JPY']);
  });

  test('in several is told in each: purchases stand beside the days of all of them', () => {
    const others = {
      CNY: { purchases: 2, gross: '2834.98', net: '382.536' },
      EUR: { purchases: 0, gross: '922.942', net: '0.00' },
    };
    expect(worthOf({ purchaseDays: 5, others })).toEqual([
      'purchases  5 on 5 days',
      'in JPY  3',
      'gross / net  3,307.985 JPY / 1,560.985 JPY',
      'in CNY  2',
      'gross / net  2,834.98 CNY / 382.536 CNY',
      'in EUR  0',
      'gross / net  922.942 EUR / 0.00 EUR',
    ]);
  });
});
