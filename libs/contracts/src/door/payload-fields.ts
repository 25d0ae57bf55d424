import { type Campaign, type Contact, type OrderLine, type Payloads, type TouchpointType } from '@tributary/domain';
import { lineAmount } from './amount.js';
import {
  amount,
  amountBeside,
  currency,
  type Field,
  type Fields,
  flag,
  id,
  number,
  oneOf,
  optionalAmount,
  optionalCurrency,
  optionalFlag,
  optionalId,
  optionalNumber,
  optionalText,
  requiredText,
} from './field.js';
import { isCalendarDay } from './instant.js';
import { Refusal, refuse } from './problem.js';
import { optionalRecord, records, textMap, texts } from './record.js';

export const maxLines = 2_000;
export const maxOwnTraits = 40;
export const maxProperties = 100;

/** Traits that profiles know; others may be stated under names of one's own. */
export const knownTraits = {
  name: 'Full name as the person writes it.',
  first_name: 'Given name.',
  last_name: 'Family name.',
  gender: 'Gender as stated.',
  birthday: 'Day of birth, YYYY-MM-DD.',
  occupation: 'Occupation.',
  phone: 'Phone number as stated (as an identifier it goes under identifiers).',
  email: 'E-mail address as stated (as an identifier it goes under identifiers).',
  address: 'Postal address.',
  country: 'Country.',
  province: 'Province or state.',
  city: 'City.',
  district: 'District.',
  postal_code: 'Postal code.',
  language: 'Preferred language, BCP 47.',
  avatar: 'URL of a picture.',
  wechat: 'WeChat account as stated.',
  company: 'Company (B2B).',
  company_id: 'Id of the company (B2B).',
  company_size: 'Size of the company (B2B).',
  industry: 'Industry (B2B).',
  position: 'Position (B2B).',
  decision_role: 'Role in buying decisions (B2B).',
  preferred_channel: 'Channel by which the person wants to be contacted.',
  member_level: 'Level in the membership programme.',
  registered_at: 'When the account was opened, ISO 8601.',
} as const satisfies Readonly<Record<string, string>>;

const checkTrait = (path: string, name: string, value: string): void => {
  if (name === 'birthday' && !isCalendarDay(value))
    refuse(path, 'invalid_date', value, 'a day such as 1990-02-28', 'Write YYYY-MM-DD, or leave it out.');
};

const seconds = { min: 0, max: 1e9 };

const unitPrice = amount('Price of one unit; negative on a line of discount.', 'signed');
const quantity = number('How many units, or the weight.', { min: 0, max: 1e9 });
const given = amount('Amount of the line; absent: quantity times unit price.', 'signed');

/** NaN stands for an absent amount only until the line is complete. */
const lineAmountField: Field<number> = {
  ...given,
  required: false,
  at: (path) => {
    const parse = given.at(path);
    return (value) => (value === undefined || value === null ? Number.NaN : parse(value));
  },
};

const completeLine = (line: OrderLine): OrderLine => {
  if (!Number.isNaN(line.amount)) return line;
  const total = lineAmount(line.quantity, line.unitPrice);
  if (total === undefined)
    throw new Refusal({
      field: 'payload.lines[]',
      found: 'object',
      expected: 'quantity × unitPrice of at most 900000000000',
      remedy: 'Check both, or state the amount.',
      code: 'amount_too_large',
    });
  return { ...line, amount: total };
};

const orderLine: Fields<OrderLine> = {
  productId: id('Id of the product (SKU).'),
  name: optionalText('Name of the product.'),
  category: optionalText('Category of the product.'),
  quantity,
  unitPrice,
  amount: lineAmountField,
  brand: optionalText('Brand of the product.'),
  variant: optionalText('Variant of the product: colour, size.'),
  coupon: optionalText('Coupon that was redeemed for the line.'),
  discount: amountBeside('Taken off the price of the line.'),
};
const lines = (doc: string) =>
  records(
    `${doc} No quantity is negative; a unitPrice may be (a discount), and one that is not known is 0, not null.`,
    maxLines,
    orderLine,
    completeLine,
  );

const campaign = (doc: string) =>
  optionalRecord<Campaign>(doc, {
    name: optionalText('Name of the campaign (utm_campaign).'),
    source: optionalText('Where it was seen: a search engine, an app, a newsletter (utm_source).'),
    medium: optionalText('By which means: cpc, email, social (utm_medium).'),
    term: optionalText('Search word that was paid for (utm_term).'),
    content: optionalText('Which of several links or pictures it was (utm_content).'),
  });

const contact: Fields<Contact> = {
  direction: oneOf('inbound: the customer turned to us; outbound: we turned to the customer.', ['inbound', 'outbound']),
  topic: optionalText('What it was about.'),
  duration_s: optionalNumber('How long it took, in seconds.', seconds),
  outcome: optionalText('How it ended.'),
  agent: optionalId('Id of the employee.'),
  summary: optionalText('Summary or transcript.'),
};

/** What each type's payload holds: the one table from which door, OpenAPI and the schemas' check are made. */
export const payloadFields: { readonly [T in TouchpointType]: Fields<Payloads[T]> } = {
  traits_stated: {
    traits: textMap('What is stated about the person, by trait name.', {
      known: knownTraits,
      maxOthers: maxOwnTraits,
      maxName: 64,
      check: checkTrait,
    }),
    interests: texts('Interests that the person stated.', 100),
  },
  order_placed: {
    orderId: id(
      'Id of the order: one number for one order in every channel. What is said of it later reaches it if it names the same customer; by its number alone it does not.',
    ),
    amount: amount('Total of the order: what counts as its value, with or without tax and delivery.'),
    currency: currency('Currency, ISO 4217.'),
    lines: lines('Lines of the order.'),
    method: optionalText('Payment method.'),
    store: optionalText('Store or shop.'),
    country: optionalText('Country of the buyer.'),
    city: optionalText('City of the buyer.'),
    tax: amountBeside('Tax on the order.'),
    shipping: amountBeside('Price of the delivery.'),
    discount: amountBeside('Taken off the price of the order.'),
    coupon: optionalText('Coupon that was redeemed for the order.'),
    campaign: campaign('Campaign that the order is put down to by its source.'),
  },
  order_paid: {
    orderId: id('Id of the order.'),
    paymentId: id('Id of the payment.'),
    amount: amount('Amount paid.'),
    currency: currency('Currency, ISO 4217.'),
    method: optionalText('Payment method.'),
    instalments: optionalNumber('Number of instalments.', { min: 1, max: 1_000, integer: true }),
  },
  order_cancelled: {
    orderId: id('Id of the order.'),
    amount: optionalAmount(
      'Amount cancelled, all of it so far: of several cancellations of an order the newest holds. Absent, or no less than the order: the whole order, which then counts as no purchase.',
    ),
    currency: optionalCurrency('Currency, ISO 4217; needed where there is an amount.'),
    lines: lines('Lines that were cancelled.'),
    reason: optionalText('Why.'),
  },
  order_refunded: {
    orderId: id('Id of the order.'),
    refundId: id('Id of the refund.'),
    amount: amount('Amount given back.'),
    currency: currency('Currency, ISO 4217.'),
    lines: lines('Lines that were given back.'),
    reason: optionalText('Why.'),
  },
  call_held: contact,
  email_exchanged: contact,
  chat_held: contact,
  sms_exchanged: contact,
  visit_held: contact,
  ticket_opened: {
    ticketId: id('Id of the ticket.'),
    topic: optionalText('What it is about.'),
    priority: optionalText('Priority.'),
    via: optionalText('How it came: phone, e-mail, self service …'),
  },
  ticket_updated: {
    ticketId: id('Id of the ticket.'),
    status: id('Status that it has now. `closed` closes it; any other that comes after a closing opens it again.'),
    priority: optionalText('Priority.'),
    reopened: flag('Whether it had been closed before.'),
  },
  ticket_closed: {
    ticketId: id('Id of the ticket.'),
    resolution: optionalText('How it was solved.'),
    withinSla: optionalFlag('Whether it was solved within the agreed time.'),
  },
  review_given: {
    about: id('What is reviewed: a product, an order, a store.'),
    rating: number('Rating given, at most `maxRating`.', { min: 0, max: 1_000 }),
    maxRating: number('The best rating that could be given.', { min: 1, max: 1_000 }),
    text: optionalText('Text of the review.'),
  },
  survey_answered: {
    survey: oneOf('csat: satisfaction; nps: would recommend; ces: effort.', ['csat', 'nps', 'ces']),
    score: number('Score given; of nps an integer from 0 to 10.', { min: 0, max: 100 }),
    about: optionalText('What was asked about.'),
    comment: optionalText('Comment.'),
  },
  page_viewed: {
    path: requiredText('Path of the page, or name of the screen.'),
    title: optionalText('Title.'),
    productId: optionalId('Id of the product shown.'),
    category: optionalText('Category of page or product.'),
    campaign: campaign('Campaign whose link led to the page.'),
  },
  searched: { query: requiredText('What was searched for.') },
  session_ended: {
    sessionId: id('Id of the session.'),
    duration_s: number('How long it took, in seconds.', seconds),
    app: optionalText('App or kind of browser.'),
    searched: flag('Whether a search was made.'),
    messaged: flag('Whether a message was sent.'),
    booked: flag('Whether something was booked or bought.'),
    campaign: campaign('Campaign whose link the session began with.'),
  },
  post_created: {
    postId: id('Id of the post.'),
    title: optionalText('Title.'),
    tags: texts('Tags.', 100),
    text: optionalText('Text.'),
  },
  reply_posted: {
    postId: id('Id of the reply.'),
    parentId: id('Id of what is replied to.'),
    text: optionalText('Text.'),
  },
  voted: {
    postId: id('Id of the post.'),
    value: number('1: for; -1: against.', { min: -1_000, max: 1_000, integer: true }),
  },
  followed: { target: id('Whom or what.') },
  badge_earned: { badge: id('Name of the badge.'), level: optionalText('Level.') },
  custom_tracked: {
    name: id('Name of the event.'),
    properties: textMap('Properties, as text.', { known: {}, maxOthers: maxProperties, maxName: 128 }),
  },
};

/** What no single field can say; each throws a `Refusal`. */
export const payloadRules: { readonly [T in TouchpointType]?: (payload: Payloads[T]) => void } = {
  order_cancelled: ({ amount, currency }) => {
    if (amount !== null && currency === null)
      refuse('payload.currency', 'missing', null, 'a currency code of ISO 4217', 'State the currency of the amount.');
  },
  review_given: ({ rating, maxRating }) => {
    if (rating > maxRating)
      refuse('payload.rating', 'out_of_range', rating, 'a number of at most maxRating', 'Check both.');
  },
  survey_answered: ({ survey, score }) => {
    if (survey === 'nps' && (score > 10 || !Number.isInteger(score)))
      refuse(
        'payload.score',
        'out_of_range',
        score,
        'an integer from 0 to 10',
        'NPS scores are integers from 0 to 10.',
      );
  },
};
