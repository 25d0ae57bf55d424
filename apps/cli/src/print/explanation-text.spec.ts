import { describe, expect, test } from '@jest/globals';
import { type Explanation } from '../http/api.js';
import { explanationText } from './explanation-text.js';

const cause = {
  id: 'e1',
  at: '2026-01-01T00:00:00Z',
  recordedAt: '2026-01-01T00:00:00Z',
  kind: 'fact',
  type: 'order_placed',
  channel: 'shop',
  detail: { orderId: 'o1' },
  stream: 's',
  revision: 0,
  position: 0,
  source: { topic: 'touchpoints.shop', partition: 0, offset: 7 },
} as const;
const step = {
  at: cause.at,
  evidence: null,
  evidenceCurrency: null,
  cause,
  because: [],
  currencyBefore: null,
  currency: null,
} as const;
const explanation = { customerId: 'c_1', rules: null, currency: null, omitted: 0 } as unknown as Explanation;

const linesOf = (more: Partial<Explanation>): readonly string[] =>
  explanationText({ ...explanation, ...more }).split('\n');

describe('an explanation', () => {
  test('of an amount names its currency, and the one before where that was another', () => {
    const lines = linesOf({
      path: 'value.net',
      value: '50.00',
      currency: 'CNY',
      steps: [
        { ...step, before: '0.00', after: '20.00', currency: 'USD' },
        { ...step, before: '20.00', after: '30.00', currencyBefore: 'USD', currency: 'CNY' },
        { ...step, before: '30.00', after: '50.00', currencyBefore: 'CNY', currency: 'CNY' },
      ],
    });
    expect(lines[0]).toBe('value.net = 50.00 CNY');
    expect(lines.filter((line) => line.includes('→')).map((line) => line.trim().split('  ')[1])).toEqual([
      '0.00 → 20.00 USD',
      '20.00 USD → 30.00 CNY',
      '30.00 → 50.00 CNY',
    ]);
  });

  test('of a stage names the currency of what was spent', () => {
    const evidence = { net_spend_365d_e4: 200_0000, purchase_days: 2 };
    const tier = { ...step, before: null, after: 'silver', evidence };
    const lines = (evidenceCurrency: string | null) =>
      linesOf({ path: 'lifecycle.tier.stage', value: 'silver', steps: [{ ...tier, evidenceCurrency }] }).join('\n');
    expect(lines('USD')).toContain('silver  (net_spend_365d 200 USD, purchase_days 2)');
    expect(lines(null)).toContain('silver  (net_spend_365d 200, purchase_days 2)');
  });

  test('of anything else names none', () => {
    const lines = linesOf({ path: 'value.purchases', value: 1, steps: [{ ...step, before: 0, after: 1 }] });
    expect(lines[0]).toBe('value.purchases = 1');
    expect(lines.find((line) => line.includes('→'))).toContain('0 → 1');
    expect(lines.join('\n')).toContain('touchpoints.shop/0@7');
  });
});
