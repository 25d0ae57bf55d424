import { type IdentityRules, parseLifecycleRules } from '@tributary/domain';

export const identityRules: IdentityRules = {
  version: 'identity-test',
  types: {
    member_no: { priority: 0, maxPerCustomer: 1, sharedAbove: 100 },
    phone: { priority: 1, maxPerCustomer: 5, sharedAbove: 100 },
    email: { priority: 2, maxPerCustomer: 5, sharedAbove: 100 },
    device: { priority: 3, maxPerCustomer: 20, sharedAbove: 2 },
  },
  blocked: new Set(),
};

export const lifecycleRules = parseLifecycleRules(
  {
    version: 'lifecycle-test',
    rhythm: { default_days: 36, floor_days: 7, cap_days: 180 },
    relationship: [
      { name: 'exit', when: [{ feature: 'silence_days', at_least: { rhythms: 5, floor_days: 180, cap_days: 720 } }] },
      {
        name: 'decline',
        when: [{ feature: 'silence_days', at_least: { rhythms: 2.5, floor_days: 60, cap_days: 360 } }],
      },
      { name: 'growth', when: [{ feature: 'purchase_days', at_least: 2 }] },
      { name: 'acquisition' },
    ],
    buyer: [{ name: 'first_time', when: [{ feature: 'purchases', at_least: 1 }] }, { name: 'prospect' }],
  },
  {
    version: 'tiers-test',
    window_days: 365,
    ladder: [
      { name: 'bronze', least: '0' },
      { name: 'silver', least: '250' },
    ],
    reporting: { currency: 'CNY', rates: { CNY: '1' } },
  },
);
