import { type TouchpointType } from '@tributary/domain';
import { parseAmount } from '../door/amount.js';
import { isRecord } from '../door/record.js';
import { firstId, firstText, part, textOf, textsOf } from './loose.js';

/** Type and payload of a native envelope, not validated yet. */
export interface Said {
  readonly type: TouchpointType;
  readonly payload: Readonly<Record<string, unknown>>;
}

interface Track {
  readonly event: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly context: Readonly<Record<string, unknown>>;
  readonly messageId: string;
  /** Of orders that state none. */
  readonly defaultCurrency: string;
}

/** What a track call says: Segment's e-commerce events by their meaning, any other under its own name. */
export const trackSaid = (track: Track): Said =>
  events.get(track.event.trim().toLowerCase())?.(track) ?? {
    type: 'custom_tracked',
    payload: { name: track.event, properties: textsOf(track.properties) },
  };

/**
 * JavaScript shops add prices up in floats and send 0.30000000000000004. That noise, far below any currency's smallest
 * coin, is taken off; a number that truly has more than four decimals is left for the door to refuse.
 */
const withoutFloatNoise = (value: unknown): unknown => {
  if (typeof value !== 'number' || Number.isInteger(value) || !Number.isFinite(value))
    return typeof value === 'string' ? value.trim() : value;
  const rounded = Number(value.toFixed(4));
  return Math.abs(rounded - value) <= Math.abs(value) * 1e-12 ? rounded : value;
};

/**
 * Tax, shipping and discounts are told beside the total, and shops write into them what they like (`10%`, an address, -5): what is
 * no amount of 0 or more is not kept, for an order is worth more than they. A price per cent has more decimals than money:
 * such a number is rounded to a ten-thousandth.
 */
const amountBeside = (value: unknown): unknown => {
  const said = typeof value === 'string' ? value.trim() : value;
  const read = parseAmount(said);
  if (typeof read === 'number') return read < 0 ? undefined : said;
  if (read !== 'amount_too_precise' || typeof said !== 'number' || said < 0) return undefined;
  const rounded = Number(said.toFixed(4));
  return typeof parseAmount(rounded) === 'number' ? rounded : undefined;
};

/** `utm_*` of the link that somebody followed; libraries for browsers read them from the address. */
export const campaignOf = (context: Track['context']): Said['payload'] => {
  const { name, source, medium, term, content } = part(context['campaign']);
  const campaign = { name, source, medium, term, content };
  return Object.fromEntries(Object.entries(campaign).map(([key, value]) => [key, textOf(value)]));
};

const stated = (...values: readonly unknown[]): unknown =>
  values.find((value) => value !== undefined && value !== null && value !== '');

const numberOf = (value: unknown): unknown =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value;

/** A product without a price (as refunds list them) counts as a line of amount 0: what was given back is in the total. */
const lineOf = (product: unknown, i: number): unknown => {
  if (!isRecord(product)) return product;
  const { name, category, quantity, price, brand, variant, coupon, discount } = product;
  return {
    productId: firstId(`properties.products[${i}]`, product, 'product_id', 'productId', 'sku', 'name'),
    name: textOf(name),
    category: textOf(category),
    quantity: numberOf(quantity ?? 1),
    unitPrice: withoutFloatNoise(price ?? 0),
    brand: textOf(brand),
    variant: textOf(variant),
    coupon: textOf(coupon),
    discount: amountBeside(discount),
  };
};

const linesOf = ({ products }: Track['properties']): unknown => (Array.isArray(products) ? products.map(lineOf) : []);
const orderIdOf = (properties: Track['properties']): unknown =>
  firstId('properties', properties, 'order_id', 'orderId');
/** `revenue` is the total without shipping and tax: second best. */
const totalOf = ({ total, revenue, value }: Track['properties']): unknown =>
  withoutFloatNoise(stated(total, revenue, value));
const currencyOf = ({ properties, defaultCurrency }: Track): unknown => stated(properties['currency'], defaultCurrency);

const orderPlaced = (track: Track): Said => {
  const { properties, context } = track;
  const location = part(context['location']);
  return {
    type: 'order_placed',
    payload: {
      orderId: orderIdOf(properties),
      amount: totalOf(properties),
      currency: currencyOf(track),
      lines: linesOf(properties),
      method: firstText(properties['payment_method'], properties['paymentMethod']),
      store: textOf(properties['affiliation']),
      country: firstText(properties['country'], location['country']),
      city: firstText(properties['city'], location['city']),
      tax: amountBeside(properties['tax']),
      shipping: amountBeside(properties['shipping']),
      discount: amountBeside(properties['discount']),
      coupon: textOf(properties['coupon']),
      campaign: campaignOf(context),
    },
  };
};

/** Segment cancels whole orders; the totals that stand there repeat those of the order. */
const orderCancelled = ({ properties }: Track): Said => ({
  type: 'order_cancelled',
  payload: {
    orderId: orderIdOf(properties),
    amount: null,
    currency: null,
    lines: linesOf(properties),
    reason: textOf(properties['reason']),
  },
});

/**
 * An order that is stated anew as a whole holds instead of what was stated before; so does its cancelling. What states less
 * (no total, no products), or an order that does not stand, stays an event of its own name: shops fire it at any change.
 */
const orderUpdated = (track: Track): Said | undefined => {
  const { properties } = track;
  const status = textOf(properties['status'])?.trim().toLowerCase();
  if (orderIdOf(properties) === undefined) return undefined;
  if (status !== undefined && cancelledStatuses.has(status)) return orderCancelled(track);
  if (status !== undefined && notStandingStatuses.has(status)) return undefined;
  const isWhole = totalOf(properties) !== undefined && Array.isArray(properties['products']);
  return isWhole ? orderPlaced(track) : undefined;
};

const cancelledStatuses: ReadonlySet<string> = new Set(['cancelled', 'canceled', 'voided', '已取消']);
/** Refunds come as Order Refunded, with their amount. */
const notStandingStatuses: ReadonlySet<string> = new Set([
  ...['draft', 'abandoned', 'failed', 'rejected', 'declined', 'expired', 'closed', 'deleted', 'trash'],
  ...['refunded', 'partially_refunded', 'partially refunded', 'returned', '已退款', '已关闭'],
]);

/** A refund that states no amount is, by Segment's specification, one of the whole order. */
const orderRefunded = (track: Track): Said => {
  const { properties } = track;
  const amount = totalOf(properties);
  if (amount === undefined && stated(properties['products']) === undefined)
    return {
      type: 'order_cancelled',
      payload: { orderId: orderIdOf(properties), reason: textOf(properties['reason']) ?? 'refunded in full' },
    };
  return {
    type: 'order_refunded',
    payload: {
      orderId: orderIdOf(properties),
      refundId: firstId('properties', properties, 'refund_id', 'refundId') ?? track.messageId,
      amount,
      currency: currencyOf(track),
      lines: linesOf(properties),
      reason: textOf(properties['reason']),
    },
  };
};

/** Path of a page from what page calls and product events carry. */
export const pathOf = (properties: Track['properties'], context: Track['context'], otherwise: string): string => {
  const page = part(context['page']);
  const url = firstText(properties['url'], page['url']);
  return firstText(properties['path'], page['path'], url === undefined ? undefined : pathOfUrl(url)) ?? otherwise;
};

const pathOfUrl = (url: string): string => (URL.canParse(url) ? new URL(url).pathname : url);

const productViewed = ({ properties, context }: Track): Said => {
  const productId = firstId('properties', properties, 'product_id', 'productId', 'sku');
  return {
    type: 'page_viewed',
    payload: {
      path: pathOf(properties, context, `/products/${productId ?? ''}`),
      title: firstText(properties['name'], properties['title']),
      productId,
      category: textOf(properties['category']),
      campaign: campaignOf(context),
    },
  };
};

const productListViewed = ({ properties, context }: Track): Said => ({
  type: 'page_viewed',
  payload: {
    path: pathOf(properties, context, '/products'),
    title: undefined,
    productId: undefined,
    category: firstText(properties['category'], properties['list_id']),
    campaign: campaignOf(context),
  },
});

/** A search without words (a filter was opened) stays an event of its own name. */
const productsSearched = ({ properties }: Track): Said | undefined => {
  const query = textOf(properties['query']);
  return query === undefined ? undefined : { type: 'searched', payload: { query } };
};

/** Segment rates from 1 to 5. A review without a rating stays an event of its own name. */
const productReviewed = ({ properties }: Track): Said | undefined => {
  const rating = numberOf(properties['rating']);
  if (typeof rating !== 'number') return undefined;
  const about = firstId('properties', properties, 'product_id', 'productId', 'sku');
  return {
    type: 'review_given',
    payload: { about, rating, maxRating: Math.max(5, rating), text: textOf(properties['review_body']) },
  };
};

/** Version 2 of Segment's e-commerce specification, the names of version 1, and the spellings that are about. */
const events: ReadonlyMap<string, (track: Track) => Said | undefined> = new Map([
  ['order completed', orderPlaced],
  ['completed order', orderPlaced],
  ['order placed', orderPlaced],
  ['order updated', orderUpdated],
  ['updated order', orderUpdated],
  ['order cancelled', orderCancelled],
  ['order canceled', orderCancelled],
  ['order refunded', orderRefunded],
  ['product viewed', productViewed],
  ['viewed product', productViewed],
  ['product list viewed', productListViewed],
  ['viewed product category', productListViewed],
  ['products searched', productsSearched],
  ['product reviewed', productReviewed],
]);
