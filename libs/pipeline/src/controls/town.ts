import {
  loadIdentityRules,
  loadLifecycleRules,
  makeIdentify,
  openCatalogue,
  sortIdentifiers,
} from '@tributary/contracts';
import { type AnyTouchpoint, orderPlaced, type Touchpoint } from '@tributary/domain';
import { DAY_MS } from '@tributary/kernel';
import fc from 'fast-check';

const lookupKey = new Uint8Array(32).fill(5);
export const identityRules = loadIdentityRules({ lookupKey });
export const lifecycleRules = loadLifecycleRules();
export const catalogue = openCatalogue();
const identify = makeIdentify({ lookupKey, rules: identityRules });
const BEGIN = Date.UTC(2024, 0, 1);
export const NOW = Date.UTC(2026, 0, 1);
export const channels = ['shop', 'web'] as const;

interface Contact {
  readonly person: number;
  readonly with: readonly ('phone' | 'email' | 'device' | 'kiosk' | 'other')[];
  readonly member: boolean;
  readonly channel: (typeof channels)[number];
  readonly day: number;
  readonly second: number;
  readonly kind: 'order' | 'view' | 'call' | 'traits' | 'cancel';
  readonly n: number;
}

/** A small town: some people with several identifiers each, a shared device, a data-entry mistake now and then. */
const contactOn = (on: readonly Contact['channel'][]): fc.Arbitrary<Contact> =>
  fc.record({
    person: fc.integer({ min: 0, max: 4 }),
    with: fc.subarray(['phone', 'email', 'device', 'kiosk', 'other'] as const, { minLength: 0, maxLength: 3 }),
    member: fc.boolean(),
    channel: fc.constantFrom(...on),
    day: fc.integer({ min: 0, max: 500 }),
    second: fc.integer({ min: 0, max: 3 }),
    kind: fc.constantFrom('order', 'view', 'call', 'traits', 'cancel'),
    n: fc.integer({ min: 0, max: 5 }),
  });

const identifiersOf = ({ person, with: others, member }: Contact): AnyTouchpoint['identifiers'] => {
  const raw: [string, string][] = member ? [['member_no', `M${person}`]] : [];
  for (const other of others)
    raw.push(
      {
        phone: ['phone', `+86138001380${person}${person}`] as [string, string],
        email: ['email', `p${person}@example.com`] as [string, string],
        device: ['device', `d${person}`] as [string, string],
        kiosk: ['device', 'kiosk'] as [string, string],
        other: ['email', `p${(person + 1) % 5}@example.com`] as [string, string],
      }[other],
    );
  const identifiers = raw.map(([type, value]) => {
    const identifier = identify(type, value);
    if ('invalid' in identifier) throw new Error(`the spec's own ${type} is invalid`);
    return identifier;
  });
  return sortIdentifiers(identifiers, identityRules);
};

const touchpointOf = (said: Contact, index: number): AnyTouchpoint => {
  const { person, channel, day, second, kind, n } = said;
  const envelope = {
    channel,
    messageId: `m${index}`,
    occurredAt: BEGIN + day * DAY_MS + second * 1000,
    receivedAt: NOW - 1000 + index,
    identifiers: identifiersOf(said),
  };
  const orderId = `o${person}-${n}`;
  switch (kind) {
    case 'order':
      return { ...envelope, type: 'order_placed', payload: orderPlaced(orderId, 1_000_000 * (n + 1), 'USD') };
    case 'cancel': {
      const payload = { orderId, amount: null, currency: null, lines: [], reason: null };
      return { ...envelope, type: 'order_cancelled', payload };
    }
    case 'call': {
      const about = { topic: `t${n}`, duration_s: n, outcome: null, agent: null, summary: null };
      return { ...envelope, type: 'call_held', payload: { direction: 'inbound', ...about } };
    }
    case 'traits':
      return {
        ...envelope,
        type: 'traits_stated',
        payload: { traits: { name: `N${n}`, constructor: `c${n}`, __proto__x: 'y' }, interests: [`i${n}`] },
      };
    default: {
      const payload = { path: '/', title: null, productId: null, category: `c${n}`, campaign: null };
      return { ...envelope, type: 'page_viewed', payload } satisfies Touchpoint<'page_viewed'>;
    }
  }
};

export const townLifeOn = (on: readonly Contact['channel'][]): fc.Arbitrary<readonly AnyTouchpoint[]> =>
  fc.array(contactOn(on), { minLength: 1, maxLength: 40 }).map((all) => all.map(touchpointOf));

export const townLife = townLifeOn(channels);
