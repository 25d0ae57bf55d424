/**
 * The touchpoints that the benchmark sends: made from a seed, in order of time, over ninety days, for customers of whom
 * none is favoured (the hardest case for everything that is done once per subject and batch). About 70 % are behaviour,
 * 30 % facts; each names one to three identifiers, all of one customer.
 */
const DAY_MS = 86_400_000;
const HISTORY_MS = 90 * DAY_MS;

/** Mulberry32: small, fast, the same everywhere. */
const chanceOf = (seed) => {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  return { below: (n) => Math.floor(next() * n), happens: (share) => next() < share };
};

export const phoneOf = (customer) => `+86139${10_000_000 + customer}`;
const member = (n) => ({ type: 'member_no', value: `M${100_000 + n}` });
const cookie = (n) => ({ type: 'cookie', value: `ck-${n}` });
const device = (n) => ({ type: 'device', value: `dev-${n}` });
const email = (n) => ({ type: 'email', value: `customer${n}@example.org` });
const phone = (n) => ({ type: 'phone', value: phoneOf(n) });

const categories = ['shoes', 'kitchen', 'garden', 'books', 'toys', 'sport', 'phones', 'tea'];
const topics = ['delivery', 'invoice', 'defect', 'exchange', 'membership'];

const page = (chance) => {
  const product = chance.below(2_000);
  return {
    path: `/p/${product}`,
    title: `Product ${product}`,
    productId: `p-${product}`,
    category: categories[product % categories.length],
  };
};

const line = (chance) => {
  const product = chance.below(2_000);
  const price = 5 + (product % 200);
  const quantity = 1 + chance.below(3);
  return {
    productId: `p-${product}`,
    name: `Product ${product}`,
    category: categories[product % categories.length],
    quantity,
    unitPrice: `${price}.90`,
    amount: `${(quantity * (price * 10 + 9)) / 10}`,
  };
};

const order = (n, id, chance) => {
  const lines = Array.from({ length: 1 + chance.below(3) }, () => line(chance));
  const total = lines.reduce((sum, { amount }) => sum + Math.round(Number(amount) * 10), 0) / 10;
  return {
    type: 'order_placed',
    identifiers: [member(n), email(n), phone(n)],
    payload: { orderId: `o-${id}`, amount: `${total}`, currency: 'CNY', lines, method: 'card', city: 'Shanghai' },
  };
};

const payment = (n, id, of) => ({
  type: 'order_paid',
  identifiers: [member(n)],
  payload: {
    orderId: of.payload.orderId,
    paymentId: `pay-${id}`,
    amount: of.payload.amount,
    currency: 'CNY',
    method: 'card',
  },
});

const contact = (chance) => ({
  direction: 'inbound',
  topic: topics[chance.below(topics.length)],
  duration_s: 30 + chance.below(900),
  outcome: 'solved',
  agent: `agent-${chance.below(60)}`,
});

/** What a channel sends, with shares in percent of all touchpoints; facts are 30 of them. */
const webShop = (n, id, { chance, orders }) => {
  const dice = chance.below(60);
  if (dice < 38)
    return {
      type: 'page_viewed',
      identifiers: chance.happens(0.6) ? [member(n), cookie(n)] : [cookie(n)],
      payload: page(chance),
    };
  if (dice < 45)
    return {
      type: 'searched',
      identifiers: [member(n), cookie(n)],
      payload: { query: `${categories[chance.below(8)]} ${chance.below(100)}` },
    };
  const placed = orders.get(n);
  if (dice >= 54 && placed) {
    orders.delete(n);
    return payment(n, id, placed);
  }
  const made = order(n, id, chance);
  orders.set(n, made);
  return made;
};

const app = (n, id, { chance }) =>
  chance.below(25) < 10
    ? { type: 'page_viewed', identifiers: [member(n), device(n)], payload: page(chance) }
    : {
        type: 'session_ended',
        identifiers: chance.happens(0.85) ? [member(n), device(n)] : [device(n)],
        payload: {
          sessionId: `s-${id}`,
          duration_s: 20 + chance.below(1_500),
          app: 'iOS 3.2',
          searched: chance.happens(0.4),
          messaged: false,
          booked: false,
        },
      };

const callCentre = (n, id, { chance, tickets }) => {
  const dice = chance.below(15);
  if (dice < 6) return { type: 'call_held', identifiers: [phone(n)], payload: contact(chance) };
  if (dice < 10) return { type: 'chat_held', identifiers: [member(n)], payload: contact(chance) };
  const open = tickets.get(n);
  if (open && dice >= 13) {
    tickets.delete(n);
    return {
      type: 'ticket_closed',
      identifiers: [phone(n)],
      payload: { ticketId: open, resolution: 'solved', withinSla: chance.happens(0.85) },
    };
  }
  tickets.set(n, `t-${id}`);
  return {
    type: 'ticket_opened',
    identifiers: [phone(n)],
    payload: { ticketId: `t-${id}`, topic: topics[chance.below(5)], priority: 'normal', via: 'phone' },
  };
};

export const channels = ['web_shop', 'app', 'call_centre'];
const makers = { web_shop: webShop, app, call_centre: callCentre };
const channelOf = (dice) => (dice < 60 ? 'web_shop' : dice < 85 ? 'app' : 'call_centre');

/**
 * Bodies of requests, and the customers whom they name by phone: JSON lists of native envelopes, one a line (so that a loop which understands nothing of them can
 * still cut them apart). `run` sets their message ids apart from those of other runs on the same data folder.
 */
export const batchesOf = ({ touchpoints, customers, batch, run, seed = 7, until = Date.now() }) => {
  const chance = chanceOf(seed);
  const state = { chance, orders: new Map(), tickets: new Map() };
  const batches = [];
  const byPhone = new Set();
  for (let made = 0; made < touchpoints;) {
    const channel = channelOf(chance.below(100));
    const count = Math.min(batch, touchpoints - made);
    const lines = [];
    for (let i = 0; i < count; i++, made++) {
      const id = `${run}-${made}`;
      const customer = chance.below(customers);
      const { type, identifiers, payload } = makers[channel](customer, id, state);
      if (identifiers[identifiers.length - 1].type === 'phone') byPhone.add(customer);
      const occurredAt = new Date(until - HISTORY_MS + Math.floor((made / touchpoints) * HISTORY_MS)).toISOString();
      lines.push(JSON.stringify({ type, messageId: id, occurredAt, identifiers, payload }));
    }
    batches.push({ channel, count, body: Buffer.from(`[\n${lines.join(',\n')}\n]`) });
  }
  return { batches, byPhone: [...byPhone] };
};
