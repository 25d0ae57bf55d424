/** Touchpoints as producers write them; the tests say only what matters to them. */
type Identifiers = Readonly<Record<string, string>>;

const envelope = (
  type: string,
  messageId: string,
  occurredAt: string,
  who: Identifiers,
  payload: Readonly<Record<string, unknown>>,
) => ({
  type,
  messageId,
  occurredAt,
  identifiers: Object.entries(who).map(([kind, value]) => ({ type: kind, value })),
  payload,
});

export const order = (messageId: string, occurredAt: string, who: Identifiers, amount = '100.00') =>
  envelope('order_placed', messageId, occurredAt, who, {
    orderId: messageId,
    amount,
    currency: 'CNY',
    lines: [{ productId: 'p-1', name: '茶', category: 'tea', quantity: 1, unitPrice: amount, amount }],
  });

export const call = (messageId: string, occurredAt: string, who: Identifiers, summary: string | null = null) =>
  envelope('call_held', messageId, occurredAt, who, {
    direction: 'inbound',
    topic: 'delivery',
    duration_s: 60,
    outcome: null,
    agent: null,
    summary,
  });

export const traits = (
  messageId: string,
  occurredAt: string,
  who: Identifiers,
  stated: Readonly<Record<string, string>>,
) => envelope('traits_stated', messageId, occurredAt, who, { traits: stated, interests: [] });

export const view = (messageId: string, occurredAt: string, who: Identifiers, category = 'tea') =>
  envelope('page_viewed', messageId, occurredAt, who, { path: '/p', title: null, productId: null, category });
