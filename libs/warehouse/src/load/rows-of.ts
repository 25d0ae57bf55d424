import { type AnyTouchpoint, type Campaign, type Contact, type OrderLine } from '@tributary/domain';
import { type Cell } from '@tributary/kernel';
import { payloadText } from './payload-text.js';

/** Where in the log a touchpoint stands, and the intake event that let it in. */
export interface SourcePosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly intake: number;
}

export type Row = readonly Cell[];

/** Rows of one touchpoint, each with all columns of its table in the table's order. */
export interface TouchpointRows {
  readonly raw: Row;
  readonly order: Row | null;
  readonly lines: readonly Row[];
  readonly interaction: Row | null;
}

const none: readonly Row[] = [];

/** The columns that every fact of a touchpoint shares. */
const shared = (t: AnyTouchpoint): readonly [string, string, string, number, number] => [
  t.identifiers[0]?.subject ?? '',
  t.channel,
  t.messageId,
  t.occurredAt,
  t.receivedAt,
];

const noCampaign: readonly string[] = ['', '', '', '', ''];
const campaignOf = (t: AnyTouchpoint): readonly string[] => {
  const { campaign } = t.payload as { readonly campaign?: Campaign | null };
  if (campaign === undefined || campaign === null) return noCampaign;
  const { name, source, medium, term, content } = campaign;
  return [name ?? '', source ?? '', medium ?? '', term ?? '', content ?? ''];
};

/** Decides what goes where. Pure, and called for every touchpoint: what is built here is written as it is. */
export const rowsOf = (t: AnyTouchpoint, at: SourcePosition): TouchpointRows => {
  const common = shared(t);
  const position = [at.topic, at.partition, at.offset, at.intake] as const;
  const campaign = campaignOf(t);
  const identifierTypes = t.identifiers.map(({ type }) => type);
  const raw: Row = [t.type, ...common, identifierTypes, payloadText(t), ...campaign, ...position];

  const lines = (
    event: string,
    orderId: string,
    currency: string,
    list: readonly OrderLine[],
    sign: 1 | -1,
  ): readonly Row[] =>
    list.map((line, i) => [
      event,
      orderId,
      i + 1,
      ...common,
      line.productId,
      line.name ?? '',
      line.category ?? '',
      sign * line.quantity,
      line.unitPrice,
      sign * line.amount,
      currency,
      line.brand ?? '',
      line.variant ?? '',
      line.coupon ?? '',
      line.discount === null ? null : sign * line.discount,
      ...position,
    ]);
  const order = (event: string, orderId: string, o: Partial<OrderColumns>): Row => [
    event,
    orderId,
    o.reference ?? '',
    ...common,
    o.amount ?? 0,
    o.paid ?? 0,
    o.whole ? 1 : 0,
    o.currency ?? '',
    o.lines ?? 0,
    o.method ?? '',
    o.instalments ?? null,
    o.store ?? '',
    o.country ?? '',
    o.city ?? '',
    o.reason ?? '',
    o.tax ?? null,
    o.shipping ?? null,
    o.discount ?? null,
    o.coupon ?? '',
    ...campaign,
    ...position,
  ];
  const interaction = (kind: string, i: Partial<InteractionColumns>): TouchpointRows => ({
    raw,
    order: null,
    lines: none,
    interaction: [
      t.type,
      kind,
      ...common,
      i.reference ?? '',
      i.direction ?? '',
      i.topic ?? '',
      i.outcome ?? '',
      i.priority ?? '',
      i.agent ?? '',
      i.duration_s ?? null,
      i.score ?? null,
      i.maxScore ?? null,
      i.survey ?? '',
      i.reopened ? 1 : 0,
      i.withinSla == null ? null : i.withinSla ? 1 : 0,
      i.text ?? '',
      ...position,
    ],
  });
  const contact = (kind: string, { summary, ...rest }: Contact): TouchpointRows =>
    interaction(kind, { ...rest, text: summary });

  switch (t.type) {
    case 'order_placed': {
      const { orderId, currency, lines: listed } = t.payload;
      return {
        raw,
        order: order('placed', orderId, { ...t.payload, lines: listed.length }),
        lines: lines('placed', orderId, currency, listed, 1),
        interaction: null,
      };
    }
    case 'order_paid': {
      const { orderId, paymentId, amount, currency, method, instalments } = t.payload;
      return {
        raw,
        order: order('paid', orderId, { reference: paymentId, paid: amount, currency, method, instalments }),
        lines: none,
        interaction: null,
      };
    }
    case 'order_cancelled': {
      const { orderId, amount, currency, reason } = t.payload;
      const stated = {
        amount: amount === null ? 0 : -amount,
        whole: amount === null,
        currency,
        lines: t.payload.lines.length,
        reason,
      };
      return {
        raw,
        order: order('cancelled', orderId, stated),
        lines: lines('cancelled', orderId, currency ?? '', t.payload.lines, -1),
        interaction: null,
      };
    }
    case 'order_refunded': {
      const { orderId, refundId, amount, currency, reason } = t.payload;
      const stated = { reference: refundId, amount: -amount, currency, lines: t.payload.lines.length, reason };
      return {
        raw,
        order: order('refunded', orderId, stated),
        lines: lines('refunded', orderId, currency, t.payload.lines, -1),
        interaction: null,
      };
    }
    case 'call_held':
      return contact('call', t.payload);
    case 'email_exchanged':
      return contact('email', t.payload);
    case 'chat_held':
      return contact('chat', t.payload);
    case 'sms_exchanged':
      return contact('sms', t.payload);
    case 'visit_held':
      return contact('visit', t.payload);
    case 'ticket_opened':
      return interaction('ticket', {
        reference: t.payload.ticketId,
        topic: t.payload.topic,
        priority: t.payload.priority,
        outcome: 'opened',
        direction: 'inbound',
      });
    case 'ticket_updated':
      return interaction('ticket', {
        reference: t.payload.ticketId,
        outcome: t.payload.status,
        priority: t.payload.priority,
        reopened: t.payload.reopened,
      });
    case 'ticket_closed':
      return interaction('ticket', {
        reference: t.payload.ticketId,
        outcome: t.payload.resolution ?? 'closed',
        withinSla: t.payload.withinSla,
      });
    case 'review_given':
      return interaction('review', {
        topic: t.payload.about,
        score: t.payload.rating,
        maxScore: t.payload.maxRating,
        text: t.payload.text,
        direction: 'inbound',
      });
    case 'survey_answered':
      return interaction('survey', {
        topic: t.payload.about,
        score: t.payload.score,
        survey: t.payload.survey,
        text: t.payload.comment,
        direction: 'inbound',
      });
    case 'post_created':
      return interaction('community', { reference: t.payload.postId, topic: t.payload.title, text: t.payload.text });
    case 'reply_posted':
      return interaction('community', { reference: t.payload.postId, text: t.payload.text });
    case 'traits_stated':
    case 'page_viewed':
    case 'searched':
    case 'session_ended':
    case 'voted':
    case 'followed':
    case 'badge_earned':
    case 'custom_tracked':
      return { raw, order: null, lines: none, interaction: null };
    default:
      return t satisfies never;
  }
};

interface OrderColumns {
  reference: string;
  amount: number;
  paid: number;
  whole: boolean;
  currency: string | null;
  lines: number;
  method: string | null;
  instalments: number | null;
  store: string | null;
  country: string | null;
  city: string | null;
  reason: string | null;
  tax: number | null;
  shipping: number | null;
  discount: number | null;
  coupon: string | null;
}

interface InteractionColumns {
  reference: string;
  direction: string;
  topic: string | null;
  outcome: string | null;
  priority: string | null;
  agent: string | null;
  duration_s: number | null;
  score: number;
  maxScore: number;
  survey: string;
  reopened: boolean;
  withinSla: boolean | null;
  text: string | null;
}
