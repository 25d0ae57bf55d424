import { type Instant, type SubjectId } from '@tributary/kernel';

/**
 * A touchpoint: one contact of somebody with the company, on a channel, at a time.
 * What stands here has been validated and normalised at the door; inside, it is trusted.
 */
export interface Touchpoint<T extends TouchpointType = TouchpointType> {
  readonly channel: string;
  readonly type: T;
  /** The producer's id of this touchpoint, unique within its channel. A retry carries the same one. */
  readonly messageId: string;
  /** When it happened (event time). */
  readonly occurredAt: Instant;
  /** When the platform accepted it (processing time); what "known at" means. */
  readonly receivedAt: Instant;
  /** Normalised, strongest first, without repeats. Empty: nobody is named. */
  readonly identifiers: readonly Identifier[];
  readonly payload: Payloads[T];
}

export type AnyTouchpoint = { [T in TouchpointType]: Touchpoint<T> }[TouchpointType];

export interface Identifier {
  readonly type: string;
  /** Normalised: E.164 for phones, lower case for e-mail … */
  readonly value: string;
  /** The subject that this identifier is: a keyed hash of type and value. */
  readonly subject: SubjectId;
}

/** An amount of money: an integer of ten-thousandths of the currency's unit. Exact up to 900 billion units. */
export type AmountE4 = number;
/** ISO 4217, upper case. */
export type Currency = string;

export interface OrderLine {
  readonly productId: string;
  readonly name: string | null;
  readonly category: string | null;
  /** May be fractional (weight), never negative. */
  readonly quantity: number;
  readonly unitPrice: AmountE4;
  readonly amount: AmountE4;
  readonly brand: string | null;
  readonly variant: string | null;
  readonly coupon: string | null;
  /** Told beside `amount`, which it does not change. */
  readonly discount: AmountE4 | null;
}

/** What may be said of a line besides, where none of it is. */
export const plainLine = { brand: null, variant: null, coupon: null, discount: null } as const;
/** What may be said of an order besides, where none of it is. */
export const plainOrder = { tax: null, shipping: null, discount: null, coupon: null, campaign: null } as const;

/** A campaign, as the link that somebody followed names it (`utm_*`); something of it is stated. */
export interface Campaign {
  readonly name: string | null;
  readonly source: string | null;
  readonly medium: string | null;
  readonly term: string | null;
  readonly content: string | null;
}

export interface Contact {
  readonly direction: 'inbound' | 'outbound';
  readonly topic: string | null;
  readonly duration_s: number | null;
  readonly outcome: string | null;
  readonly agent: string | null;
  readonly summary: string | null;
}

/** What each type says. `null`: not stated. */
export interface Payloads {
  traits_stated: {
    readonly traits: Readonly<Record<string, string>>;
    readonly interests: readonly string[];
  };
  order_placed: {
    readonly orderId: string;
    readonly amount: AmountE4;
    readonly currency: Currency;
    readonly lines: readonly OrderLine[];
    readonly method: string | null;
    readonly store: string | null;
    readonly country: string | null;
    readonly city: string | null;
    /** Told beside `amount`, which alone counts as value; so are shipping and discount. */
    readonly tax: AmountE4 | null;
    readonly shipping: AmountE4 | null;
    readonly discount: AmountE4 | null;
    readonly coupon: string | null;
    readonly campaign: Campaign | null;
  };
  order_paid: {
    readonly orderId: string;
    readonly paymentId: string;
    readonly amount: AmountE4;
    readonly currency: Currency;
    readonly method: string | null;
    readonly instalments: number | null;
  };
  /** `amount` null: the whole order. */
  order_cancelled: {
    readonly orderId: string;
    readonly amount: AmountE4 | null;
    readonly currency: Currency | null;
    readonly lines: readonly OrderLine[];
    readonly reason: string | null;
  };
  order_refunded: {
    readonly orderId: string;
    readonly refundId: string;
    readonly amount: AmountE4;
    readonly currency: Currency;
    readonly lines: readonly OrderLine[];
    readonly reason: string | null;
  };
  call_held: Contact;
  email_exchanged: Contact;
  chat_held: Contact;
  sms_exchanged: Contact;
  visit_held: Contact;
  ticket_opened: {
    readonly ticketId: string;
    readonly topic: string | null;
    readonly priority: string | null;
    readonly via: string | null;
  };
  ticket_updated: {
    readonly ticketId: string;
    readonly status: string;
    readonly priority: string | null;
    readonly reopened: boolean;
  };
  ticket_closed: {
    readonly ticketId: string;
    readonly resolution: string | null;
    readonly withinSla: boolean | null;
  };
  review_given: {
    readonly about: string;
    readonly rating: number;
    readonly maxRating: number;
    readonly text: string | null;
  };
  survey_answered: {
    readonly survey: 'csat' | 'nps' | 'ces';
    readonly score: number;
    readonly about: string | null;
    readonly comment: string | null;
  };
  page_viewed: {
    readonly path: string;
    readonly title: string | null;
    readonly productId: string | null;
    readonly category: string | null;
    readonly campaign: Campaign | null;
  };
  searched: { readonly query: string };
  session_ended: {
    readonly sessionId: string;
    readonly duration_s: number;
    readonly app: string | null;
    readonly searched: boolean;
    readonly messaged: boolean;
    readonly booked: boolean;
    readonly campaign: Campaign | null;
  };
  post_created: {
    readonly postId: string;
    readonly title: string | null;
    readonly tags: readonly string[];
    readonly text: string | null;
  };
  reply_posted: { readonly postId: string; readonly parentId: string; readonly text: string | null };
  voted: { readonly postId: string; readonly value: number };
  followed: { readonly target: string };
  badge_earned: { readonly badge: string; readonly level: string | null };
  /** What a producer tracks under a name of its own. */
  custom_tracked: { readonly name: string; readonly properties: Readonly<Record<string, string>> };
}

/** What is said of an order of which no more is told than must be. */
export const orderPlaced = (orderId: string, amount: AmountE4, currency: Currency): Payloads['order_placed'] => ({
  orderId,
  amount,
  currency,
  lines: [],
  method: null,
  store: null,
  country: null,
  city: null,
  ...plainOrder,
});

export type TouchpointType = keyof Payloads;

/** `fact`: an event of its own. `behaviour`: many and small; summed into one event per batch, each raw row goes to ClickHouse. */
export type VolumeClass = 'fact' | 'behaviour';

export const volumeClass: Readonly<Record<TouchpointType, VolumeClass>> = {
  traits_stated: 'fact',
  order_placed: 'fact',
  order_paid: 'fact',
  order_cancelled: 'fact',
  order_refunded: 'fact',
  call_held: 'fact',
  email_exchanged: 'fact',
  chat_held: 'fact',
  sms_exchanged: 'fact',
  visit_held: 'fact',
  ticket_opened: 'fact',
  ticket_updated: 'fact',
  ticket_closed: 'fact',
  review_given: 'fact',
  survey_answered: 'fact',
  page_viewed: 'behaviour',
  searched: 'behaviour',
  session_ended: 'behaviour',
  post_created: 'fact',
  reply_posted: 'fact',
  voted: 'behaviour',
  followed: 'behaviour',
  badge_earned: 'behaviour',
  custom_tracked: 'behaviour',
};

export const touchpointTypes = Object.keys(volumeClass) as readonly TouchpointType[];
export const isTouchpointType = (text: string): text is TouchpointType => Object.hasOwn(volumeClass, text);

/**
 * A behaviour sum: all touchpoints of one behaviour type, label and length that one subject made in one log range.
 * Each instant is kept, so that "as of" stays exact, and of one length are they for the sake of their seconds (not in sums of
 * earlier versions); the label (page category, search word …) is what a profile counts by.
 */
export interface BehaviourTally {
  readonly type: TouchpointType;
  readonly channel: string;
  readonly label: string;
  /** Ascending; one entry a touchpoint. */
  readonly times: readonly Instant[];
  /** When each was accepted, in the order of `times`. */
  readonly received: readonly Instant[];
  readonly seconds: number;
}
