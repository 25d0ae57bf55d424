import fc from 'fast-check';
import { type Named } from './desk.js';

export const MA: Named[number] = ['member_no', 'MA'];
export const MB: Named[number] = ['member_no', 'MB'];
export const UA: Named[number] = ['user_id', 'u-a'];
export const UB: Named[number] = ['user_id', 'u-b'];
export const PHONE: Named[number] = ['phone', '+8613900138777'];
export const EMAIL: Named[number] = ['email', 'a@example.com'];
export const DEVICE: Named[number] = ['device', 'd-a'];

/** Few identifiers, so that they meet often: of two persons and of what they share. */
export const known: Named = [MA, MB, UA, UB, PHONE, EMAIL, DEVICE];
export const one = fc.constantFrom(...known);

export const call = fc.record({
  what: fc.constant('call' as const),
  hour: fc.integer({ min: 0, max: 900 }),
  named: fc.subarray([...known], { minLength: 1, maxLength: 3 }),
});

/** What happens at a desk: somebody calls, or somebody there says who is who. */
export const step = fc.oneof(
  { weight: 3, arbitrary: call },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('merge', 'unmerge'), who: one, other: one }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('erase' as const), who: one }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
