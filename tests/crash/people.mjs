/** Who writes to the platform in this test, and what they do. All identifiers are written in their normal form. */
const DAY_MS = 86_400_000;
const FIRST_DAY = Date.UTC(2025, 0, 1);
const DAYS = 500;

const digits = (n, length) => String(n).padStart(length, '0');

/** Somebody with a trace on every channel, which their touchpoints tie together bit by bit. */
export const personOf = (n) => ({
  n,
  phone: `+86139${digits(10_000_000 + n * 7, 8)}`,
  email: `person-${n}@crash.example`,
  member_no: `M7${digits(n, 6)}`,
  device: `dev-${digits(n, 8)}`,
  wechat_openid: `o-crash-${n}`,
  user_id: `user-${n}`,
  anonymous_id: `anon-${n}`,
});

/** Somebody known by phone and device alone: whom people merge, and part again. */
export const guestOf = (n) => ({ n, phone: `+86137${digits(10_000_000 + n * 3, 8)}`, device: `guest-${digits(n, 8)}` });

const named = (who, ...types) => types.filter(Boolean).map((type) => ({ type, value: who[type] }));

/** Any moment of the two years, in any order: everything is late and out of order. */
const someTime = (chance) => FIRST_DAY + chance.below(DAYS * DAY_MS);

const price = (chance) => `${chance.between(1, 900)}.${digits(chance.below(100), 2)}`;

const order = (chance, id) => {
  const amount = price(chance);
  return {
    orderId: id,
    amount,
    currency: 'CNY',
    lines: [
      { productId: `p-${chance.below(50)}`, name: null, category: 'tea', quantity: 1, unitPrice: amount, amount },
    ],
    method: null,
    store: null,
    country: null,
    city: null,
  };
};

const contact = (chance) => ({
  direction: chance.pick(['inbound', 'outbound']),
  topic: 'delivery',
  duration_s: chance.below(600),
  outcome: null,
  agent: null,
  summary: null,
});

const natives = [
  [
    'web_shop',
    'order_placed',
    (p, c) => named(p, 'member_no', c.happens(0.3) && 'phone', c.happens(0.2) && 'email'),
    order,
  ],
  [
    'web_shop',
    'page_viewed',
    (p, c) => named(p, c.happens(0.4) && 'member_no', 'device'),
    (c) => ({ path: `/p/${c.below(40)}`, title: null, productId: null, category: c.pick(['tea', 'tents', 'lamps']) }),
  ],
  [
    'web_shop',
    'searched',
    (p, c) => (c.happens(0.5) ? [] : named(p, 'device')),
    (c) => ({ query: c.pick(['tea', 'tent', 'lamp']) }),
  ],
  ['web_shop', 'order_placed', () => [], order],
  ['call_centre', 'call_held', (p) => named(p, 'phone'), contact],
  [
    'app',
    'session_ended',
    (p, c) => named(p, c.happens(0.3) && 'member_no', 'device'),
    (c, id) => ({
      sessionId: id,
      duration_s: c.below(900),
      app: 'app',
      searched: c.happens(0.2),
      messaged: false,
      booked: false,
    }),
  ],
  [
    'community',
    'post_created',
    (p, c) => named(p, c.happens(0.2) && 'member_no', 'wechat_openid'),
    (c, id) => ({ postId: id, title: null, tags: ['camping'], text: null }),
  ],
];

export const nativeChannels = [...new Set(natives.map(([channel]) => channel))];
/** Has no channel file: it begins with a key, while the platform runs. */
export const segmentChannel = 'storefront';

/** A touchpoint of a person over the native door; `about`: the person's number. */
export const nativeTouchpoint = (person, channel, messageId, chance) => {
  const [, type, identifiers, payload] = chance.pick(natives.filter(([at]) => at === channel));
  return {
    channel,
    messageId,
    about: person.n,
    body: {
      type,
      messageId,
      occurredAt: someTime(chance),
      identifiers: identifiers(person, chance),
      payload: payload(chance, messageId),
    },
  };
};

/** A touchpoint of a guest: a call, or an order that ties phone and device. */
export const guestTouchpoint = (guest, channel, messageId, chance) => ({
  channel,
  messageId,
  body:
    channel === 'call_centre'
      ? {
          type: 'call_held',
          messageId,
          occurredAt: someTime(chance),
          identifiers: named(guest, 'phone'),
          payload: contact(chance),
        }
      : {
          type: 'order_placed',
          messageId,
          occurredAt: someTime(chance),
          identifiers: named(guest, 'phone', 'device'),
          payload: order(chance, messageId),
        },
});

/** The same over Segment's door. */
export const segmentTouchpoint = (person, messageId, chance) => {
  const timestamp = new Date(someTime(chance)).toISOString();
  const { user_id: userId, anonymous_id: anonymousId, email, phone } = person;
  const [product_id, total] = [`p-${chance.below(50)}`, price(chance)];
  const body = chance.pick([
    () => ({ type: 'identify', userId, traits: { email, ...(chance.happens(0.5) ? { phone } : {}) } }),
    () => ({ type: 'page', anonymousId, ...(chance.happens(0.2) ? { userId } : {}), properties: { path: '/' } }),
    () => ({
      type: 'track',
      userId,
      event: 'Order Completed',
      properties: {
        order_id: messageId,
        total,
        currency: 'CNY',
        products: [{ product_id, price: total, quantity: 1 }],
      },
    }),
    () => ({ type: 'track', userId, event: 'Lamp Lit', properties: { room: 'study' } }),
  ])();
  return { channel: segmentChannel, messageId, about: person.n, body: { ...body, messageId, timestamp } };
};
