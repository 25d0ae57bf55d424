import { type Instant } from '@tributary/kernel';
import { type JsonObject, type NativeEnvelope } from '../channel/model.js';
import { type Chance, chance } from './chance.js';
import { type Deed, type Moment } from './life-course.js';
import { kioskDevices, type Person } from './people.js';
import { basketOf, fenText, type Basket } from './basket.js';
import * as words from './words.js';

export type SampleChannel = 'call_centre' | 'web_shop' | 'app' | 'community';

export interface SampleTouchpoint {
  readonly channel: SampleChannel;
  readonly envelope: NativeEnvelope;
}

type Named = readonly (readonly [type: string, value: string])[];
type Made = readonly [channel: SampleChannel, type: string, named: Named, payload: JsonObject];

/** The touchpoint that a moment is, as the channel's own system would send it. */
export const touchpointOf = (seed: number, person: Person, moment: Moment, prefix = ''): SampleTouchpoint => {
  const { deed, n, at } = moment;
  const c = chance(seed, prefix, person.index, deed, n);
  const made = deeds[deed](person, c, { seed, n, at, prefix });
  const [channel, type, named, payload] = made;
  return {
    channel,
    envelope: {
      type,
      messageId: `${prefix}${deed}-${person.index}-${n}`,
      occurredAt: at,
      identifiers: named.map(([t, value]) => ({ type: t, value })),
      payload,
    },
  };
};

interface Setting {
  readonly seed: number;
  readonly n: number;
  readonly at: Instant;
  readonly prefix: string;
}

/** The same number in the ways in which people and systems write it. */
const asWritten = (phone: string, c: Chance): string =>
  c.weighted([
    [phone, 60],
    [`+86${phone}`, 20],
    [`${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`, 14],
    [phone.replace(/\d/g, (d) => String.fromCharCode(d.charCodeAt(0) + 0xfee0)), 6],
  ]);

/** Now and then an employee types what is at hand instead of the customer's own. */
const typedPhone = (person: Person, c: Chance): string =>
  c.happens(0.006) ? '13800138000' : asWritten(person.phone, c);
const typedEmail = (person: Person, c: Chance): string =>
  c.happens(0.004) ? 'test@test.com' : c.happens(0.08) ? person.email.toUpperCase() : person.email;

const member = (p: Person): readonly [string, string] => ['member_no', p.memberNo];
const onWeb = (p: Person): Named => [member(p), ['cookie', p.cookie]];
const inApp = (p: Person, c: Chance): Named => [member(p), ['device', c.pick(p.devices)]];
const onWechat = (p: Person): Named =>
  p.boundWechat
    ? [
        ['wechat_unionid', p.unionid],
        ['wechat_openid', p.openid],
      ]
    : [['wechat_openid', p.openid]];
const byPhone = (p: Person, c: Chance): Named => [['phone', asWritten(p.phone, c)]];

const orderId = (p: Person, { n, prefix }: Setting) => `${prefix}W${100_000 + p.index}-${n}`;
const basket = (p: Person, s: Setting): Basket => basketOf(p, chance(s.seed, s.prefix, p.index, 'basket', s.n));
const ticketId = (p: Person, { n, prefix }: Setting) => `${prefix}T${100_000 + p.index}-${n}`;

const contact = (c: Chance, person: Person, most_s: number): JsonObject => ({
  direction: 'inbound',
  topic: c.pick(words.topics),
  duration_s: c.between(40, most_s),
  outcome: c.pick(words.outcomes),
  agent: person.owner,
  summary: c.pick(words.callSummaries),
});

const page = (p: Person, c: Chance): JsonObject => {
  const [category, products] = c.happens(0.7) ? p.favourite : c.pick(words.catalogue);
  const [productId, title] = c.pick(products);
  return { path: `/p/${productId}`, title, productId, category };
};

type Maker = (person: Person, c: Chance, setting: Setting) => Made;

const deeds: Readonly<Record<Deed, Maker>> = {
  register: (p, c) => [
    'web_shop',
    'traits_stated',
    [...onWeb(p), ['email', typedEmail(p, c)]],
    { traits: traitsOf(p, c), interests: [c.pick(words.interests), c.pick(words.interests)] },
  ],
  browse: (p, c) => ['web_shop', 'page_viewed', c.happens(0.75) ? onWeb(p) : [['cookie', p.cookie]], page(p, c)],
  browse_unknown: (p, c) => ['web_shop', 'page_viewed', c.happens(0.6) ? [['cookie', p.cookie]] : [], page(p, c)],
  search: (p, c) => ['web_shop', 'searched', onWeb(p), { query: c.pick(words.searches) }],
  order: (p, c, s) => {
    const { lines, total } = basket(p, s);
    const named: Named = [...onWeb(p), ['email', typedEmail(p, c)], ['phone', typedPhone(p, c)]];
    return [
      'web_shop',
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
    'web_shop',
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
    'web_shop',
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
      'web_shop',
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
      'web_shop',
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
  session: (p, c, s) => [
    'app',
    'session_ended',
    c.happens(0.85) ? inApp(p, c) : [['device', p.devices[0]]],
    {
      sessionId: `${s.prefix}S${p.index}-${s.n}`,
      duration_s: c.between(20, 1500),
      app: p.app,
      searched: c.happens(0.4),
      messaged: c.happens(0.05),
      booked: false,
    },
  ],
  screen: (p, c) => ['app', 'page_viewed', inApp(p, c), page(p, c)],
  bind_wechat: (p) => [
    'app',
    'traits_stated',
    [member(p), ['device', p.devices[0]], ['wechat_unionid', p.unionid]],
    { traits: { wechat: `wx-${p.memberNo.toLowerCase()}` }, interests: [] },
  ],
  kiosk: (p, c, s) => [
    'app',
    'session_ended',
    [member(p), ['device', kioskDevices[p.index % kioskDevices.length] ?? kioskDevices[0]]],
    {
      sessionId: `${s.prefix}K${p.index}-${s.n}`,
      duration_s: c.between(20, 300),
      app: 'kiosk',
      searched: true,
      messaged: false,
      booked: false,
    },
  ],
  call: (p, c) => ['call_centre', 'call_held', byPhone(p, c), contact(c, p, 1200)],
  chat: (p, c) => ['call_centre', 'chat_held', [member(p)], contact(c, p, 1800)],
  ticket_open: (p, c, s) => [
    'call_centre',
    'ticket_opened',
    byPhone(p, c),
    { ticketId: ticketId(p, s), topic: c.pick(words.topics), priority: c.pick(words.priorities), via: 'phone' },
  ],
  ticket_update: (p, c, s) => [
    'call_centre',
    'ticket_updated',
    byPhone(p, c),
    { ticketId: ticketId(p, s), status: '处理中', priority: c.pick(words.priorities), reopened: false },
  ],
  ticket_close: (p, c, s) => [
    'call_centre',
    'ticket_closed',
    byPhone(p, c),
    { ticketId: ticketId(p, s), resolution: c.pick(words.outcomes), withinSla: c.happens(0.85) },
  ],
  csat: (p, c) => [
    'call_centre',
    'survey_answered',
    byPhone(p, c),
    {
      survey: 'csat',
      score: c.weighted([
        [5, 45],
        [4, 28],
        [3, 12],
        [2, 8],
        [1, 7],
      ]),
      about: '400 热线',
      comment: c.happens(0.2) ? c.pick(words.praise) : null,
    },
  ],
  nps: (p, c) => [
    'web_shop',
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
    'web_shop',
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
  post: (p, c, s) => [
    'community',
    'post_created',
    onWechat(p),
    {
      postId: `${s.prefix}post-${p.index}-${s.n}`,
      title: c.pick(words.postTitles),
      tags: [c.pick(words.tags)],
      text: c.pick(words.praise),
    },
  ],
  reply: (p, c, s) => [
    'community',
    'reply_posted',
    onWechat(p),
    {
      postId: `${s.prefix}reply-${p.index}-${s.n}`,
      parentId: `post-${c.between(0, 499)}-1`,
      text: c.pick(words.replies),
    },
  ],
  vote: (p, c) => [
    'community',
    'voted',
    onWechat(p),
    { postId: `post-${c.between(0, 499)}-1`, value: c.happens(0.9) ? 1 : -1 },
  ],
  follow: (p, c) => ['community', 'followed', onWechat(p), { target: `topic-${c.between(1, 12)}` }],
  badge: (p, c) => {
    const [badge, level] = c.pick(words.badges);
    return ['community', 'badge_earned', onWechat(p), { badge, level }];
  },
};

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
