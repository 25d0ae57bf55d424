import { expect, it } from '@jest/globals';
// region example
import { loadIdentityRules, makeIdentify, openCatalogue, parseTouchpoint } from './index.js';

const lookupKey = new Uint8Array(32).fill(7); // from the key file, in earnest
const identify = makeIdentify({ lookupKey, rules: loadIdentityRules({ lookupKey }) });
const catalogue = openCatalogue();

const parsed = parseTouchpoint(
  {
    type: 'order_paid',
    messageId: 'payment-1',
    occurredAt: '2024-05-31T18:30:00+08:00',
    identifiers: [{ type: 'phone', value: '１３８ 0013 8001' }],
    payload: { orderId: 'o-1', paymentId: 'p-1', amount: '12.34', currency: 'CNY' },
  },
  { channel: 'shop', receivedAt: Date.UTC(2024, 4, 31, 12), identify },
);
const bytes = parsed.ok ? catalogue.encode(parsed.touchpoint) : undefined;
// endregion

it('does what the README shows', () => {
  expect(parsed).toMatchObject({
    ok: true,
    touchpoint: { identifiers: [{ value: '+8613800138001' }], payload: { amount: 123_400 } },
  });
  expect(bytes && catalogue.decode(bytes)).toStrictEqual(parsed.ok && parsed.touchpoint);
});
