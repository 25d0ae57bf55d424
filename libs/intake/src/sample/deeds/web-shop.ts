import { type JsonObject } from '../../channel/model.js';
import { type Chance, chance } from '../chance.js';
import { type Deed } from '../life-course.js';
import { type Person } from '../people.js';
import { basketOf, fenText, type Basket } from '../basket.js';
import * as words from '../words.js';
import { type Maker, type Named, type Setting } from './deed.js';
import { asWritten, member, onWeb } from './named.js';
import { page } from './page.js';

/** Now and then an employee types what is at hand instead of the customer's own. */
const typedPhone = (person: Person, c: Chance): string =>
  c.happens(0.006) ? '13800138000' : asWritten(person.phone, c);
const typedEmail = (person: Person, c: Chance): string =>
  c.happens(0.004) ? 'test@test.com' : c.happens(0.08) ? person.email.toUpperCase() : person.email;

const orderId = (p: Person, { n, prefix }: Setting) => `${prefix}W${100_000 + p.index}-${n}`;
const basket = (p: Person, s: Setting): Basket => basketOf(p, chance(s.seed, s.prefix, p.index, 'basket', s.n));

/** The shop tells of orders, visits of its pages and what customers say of it. */
export const webShop = {
  register: (p, c) => [
    'traits_stated',
    [...onWeb(p), ['email', typedEmail(p, c)]],
    { traits: traitsOf(p, c), interests: [c.pick(words.interests), c.pick(words.interests)] },
  ],
  browse: (p, c) => ['page_viewed', c.happens(0.75) ? onWeb(p) : [['cookie', p.cookie]], page(p, c)],
  browse_unknown: (p, c) => ['page_viewed', c.happens(0.6) ? [['cookie', p.cookie]] : [], page(p, c)],
  search: (p, c) => ['searched', onWeb(p), { query: c.pick(words.searches) }],
  order: (p, c, s) => {
    const { lines, total } = basket(p, s);
    const named: Named = [...onWeb(p), ['email', typedEmail(p, c)], ['phone', typedPhone(p, c)]];
    return [
      'order_placed',
      named,
      {
        orderId: orderId(p, s),
        amount: fenText(total),
        currency: 'CNY',
        lines,
        method: c.pick(words.payments),
        store: null,
        country: 'CN',
        city: p.city,
      },
    ];
  },
  pay: (p, c, s) => [
    'order_paid',
    [member(p), ['email', p.email]],
    {
      orderId: orderId(p, s),
      paymentId: `P-${orderId(p, s)}`,
      amount: fenText(basket(p, s).total),
      currency: 'CNY',
      method: c.pick(words.payments),
      instalments: null,
    },
  ],
  cancel: (p, c, s) => [
    'order_cancelled',
    [member(p), ['email', p.email]],
    {
      orderId: orderId(p, s),
      amount: null,
      currency: null,
      lines: [],
      reason: c.pick(['不想要了', '填错地址', '价格变动']),
    },
  ],
  refund: (p, c, s) => {
    const [line] = basket(p, s).lines;
    return [
      'order_refunded',
      [member(p), ['email', p.email]],
      {
        orderId: orderId(p, s),
        refundId: `R-${orderId(p, s)}`,
        amount: line.amount,
        currency: 'CNY',
        lines: [line],
        reason: c.pick(['质量问题', '不合适', '发错货']),
      },
    ];
  },
  review: (p, c, s) => {
    const rating = c.weighted([
      [5, 50],
      [4, 25],
      [3, 10],
      [2, 8],
      [1, 7],
    ]);
    return [
      'review_given',
      [member(p)],
      {
        about: basket(p, s).lines[0].productId,
        rating,
        maxRating: 5,
        text: c.happens(0.7) ? c.pick(rating >= 4 ? words.praise : words.blame) : null,
      },
    ];
  },
  nps: (p, c) => [
    'survey_answered',
    [member(p), ['email', p.email]],
    {
      survey: 'nps',
      score: c.weighted([
        [10, 25],
        [9, 22],
        [8, 18],
        [7, 12],
        [6, 8],
        [5, 6],
        [3, 5],
        [0, 4],
      ]),
      about: null,
      comment: null,
    },
  ],
  mailing: (p, c) => [
    'email_exchanged',
    [['email', p.email]],
    {
      direction: 'outbound',
      topic: c.pick(['新品上市', '会员日', '换季清仓']),
      duration_s: null,
      outcome: c.weighted([
        ['opened', 35],
        ['clicked', 10],
        ['sent', 55],
      ]),
      agent: null,
      summary: null,
    },
  ],
} satisfies Readonly<Partial<Record<Deed, Maker>>>;

const traitsOf = (p: Person, c: Chance): JsonObject => ({
  name: p.name,
  gender: p.gender,
  ...(c.happens(0.8) ? { birthday: p.birthday } : {}),
  ...(c.happens(0.5) ? { occupation: p.occupation } : {}),
  country: 'CN',
  province: p.province,
  city: p.city,
  language: p.language,
  email: p.email,
});
