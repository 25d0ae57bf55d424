import { DAY_MS, type Instant } from '@tributary/kernel';
import { type Chance, chance } from './chance.js';
import { type Person } from './people.js';

/** What somebody does at a moment; one touchpoint each. */
export type Deed =
  | 'register'
  | 'browse'
  | 'browse_unknown'
  | 'search'
  | 'order'
  | 'pay'
  | 'cancel'
  | 'refund'
  | 'review'
  | 'session'
  | 'screen'
  | 'bind_wechat'
  | 'kiosk'
  | 'call'
  | 'chat'
  | 'ticket_open'
  | 'ticket_update'
  | 'ticket_close'
  | 'csat'
  | 'nps'
  | 'mailing'
  | 'post'
  | 'reply'
  | 'vote'
  | 'follow'
  | 'badge';

/** A touchpoint to be; `n` numbers the deed (an order, its payment and its review share it). */
export interface Moment {
  readonly at: Instant;
  readonly person: number;
  readonly deed: Deed;
  readonly n: number;
}

export const history_days = 730;
const minute_ms = 60_000;
const china_ms = 8 * 3_600_000;

/** Everything that a person did in the two years before `now`. Not sorted. */
export const courseOf = (seed: number, person: Person, now: Instant): readonly Moment[] => {
  const c = chance(seed, 'course', person.index);
  const moments: Moment[] = [];
  let numbered = 0;
  const add = (at: number, deed: Deed, n = ++numbered): void => {
    if (at < now && at >= now - history_days * DAY_MS)
      moments.push({ at: Math.floor(at), person: person.index, deed, n });
  };
  const { first, purchases, until } = lifeOf(c, person, now);
  if (first >= now) return moments;
  arrive(c, person, first, add);
  for (const at of purchases) buy(c, at, ++numbered, add, person);
  linger(c, person, first, until, add);
  return moments;
};

type Add = (at: number, deed: Deed, n?: number) => void;
type Life = { readonly first: number; readonly purchases: readonly number[]; readonly until: number };

/** A time between breakfast and midnight of that day, in China. */
const daytime = (c: Chance, at: number): number => {
  const day = Math.floor((at + china_ms) / DAY_MS) * DAY_MS - china_ms;
  const hour = Math.min(23.4, Math.max(7, 15.5 + 3.2 * c.bell()));
  return day + hour * 3_600_000 + c.between(0, 29) * minute_ms + c.between(0, 59_999);
};

const rhythmic = (c: Chance, from: number, until: number, mean_days: number): number[] => {
  const times: number[] = [];
  for (let at = from; at < until; at += DAY_MS * Math.max(2, mean_days * (1 + 0.35 * c.bell())))
    times.push(daytime(c, at));
  return times;
};

const lifeOf = (c: Chance, person: Person, now: Instant): Life => {
  const ago = (days: number) => now - days * DAY_MS;
  const between = (most: number, least: number) => ago(least + c.next() * (most - least));
  switch (person.course) {
    case 'loyal': {
      const first = between(725, 300);
      return { first, purchases: rhythmic(c, first + DAY_MS, now, c.between(24, 60)), until: now };
    }
    case 'seasonal': {
      const first = between(725, 400);
      return { first, purchases: festivals(c, first, now), until: now };
    }
    case 'one_time': {
      const first = between(720, 20);
      return { first, purchases: [daytime(c, first + c.next() * 2 * DAY_MS)], until: first + c.gap(20) * DAY_MS };
    }
    case 'churned': {
      const first = between(725, 480);
      const until = between(420, 190);
      return { first, purchases: rhythmic(c, first + DAY_MS, until, c.between(20, 60)), until };
    }
    case 'win_back': {
      const first = between(725, 600);
      const [left, back] = [between(460, 340), between(80, 15)];
      return {
        first,
        purchases: [...rhythmic(c, first + DAY_MS, left, 40), ...rhythmic(c, back, now, 25)],
        until: left,
      };
    }
    case 'prospect': {
      const first = between(600, 5);
      return { first, purchases: [], until: Math.min(now, first + c.gap(60) * DAY_MS) };
    }
    case 'newcomer': {
      const first = between(90, 1);
      return { first, purchases: rhythmic(c, first + DAY_MS, now, 40).slice(0, c.between(1, 3)), until: now };
    }
  }
};

/** Mid-year sale, Singles' Day, and the weeks before Spring Festival. */
const festivals = (c: Chance, from: number, now: Instant): number[] => {
  const times: number[] = [];
  for (let year = new Date(from).getUTCFullYear(); year <= new Date(now).getUTCFullYear(); year++)
    for (const [month, day] of [
      [0, 18],
      [5, 17],
      [10, 11],
    ] as const) {
      const at = daytime(c, Date.UTC(year, month, day + Math.round(2 * c.bell())));
      if (at > from && c.happens(0.85)) times.push(at);
    }
  return times;
};

const arrive = (c: Chance, person: Person, first: number, add: Add): void => {
  const at = daytime(c, first);
  const known = person.course !== 'prospect' || c.happens(0.6);
  for (let i = c.between(0, 4); i > 0; i--) add(at - i * c.between(1, 9) * minute_ms, 'browse_unknown');
  if (known) add(at, 'register');
  else for (let i = c.between(1, 3); i > 0; i--) add(at + i * minute_ms, 'browse_unknown');
  if (person.usesApp && person.boundWechat && known) add(at + c.gap(10) * DAY_MS, 'bind_wechat');
};

const buy = (c: Chance, at: number, n: number, add: Add, person: Person): void => {
  for (let i = c.between(1, 3); i > 0; i--) add(at - i * c.between(1, 4) * minute_ms, 'browse');
  if (c.happens(0.4)) add(at - 20 * minute_ms, 'search');
  add(at, 'order', n);
  if (c.happens(0.04)) return add(at + c.between(5, 300) * minute_ms, 'cancel', n);
  add(at + c.between(1, 12) * minute_ms, 'pay', n);
  const arrived = at + c.between(2, 6) * DAY_MS;
  if (c.happens(0.14)) add(daytime(c, arrived + c.gap(4) * DAY_MS), 'review', n);
  if (c.happens(0.05)) add(daytime(c, arrived + c.gap(3) * DAY_MS), 'refund', n);
  if (c.happens(0.13)) complain(c, daytime(c, at + c.gap(4) * DAY_MS), n, add);
  if (person.index % 60 === 7) add(daytime(c, arrived), 'kiosk');
};

const complain = (c: Chance, at: number, n: number, add: Add): void => {
  add(at, c.happens(0.75) ? 'call' : 'chat', n);
  if (c.happens(0.35)) add(at + c.between(8, 60) * minute_ms, 'csat', n);
  if (!c.happens(0.45)) return;
  add(at + 2 * minute_ms, 'ticket_open', n);
  if (c.happens(0.6)) add(at + c.gap(1) * DAY_MS + 3 * minute_ms, 'ticket_update', n);
  if (c.happens(0.92)) add(at + 5 * DAY_MS + c.gap(2) * DAY_MS, 'ticket_close', n);
};

/** What goes on beside buying: looking around, the app, the community, being written to. */
const linger = (c: Chance, person: Person, first: number, until: number, add: Add): void => {
  const often = person.course === 'loyal' ? 18 : person.course === 'newcomer' ? 9 : 36;
  for (let at = first + c.gap(often) * DAY_MS; at < until; at += c.gap(often) * DAY_MS) {
    const when = daytime(c, at);
    if (person.usesApp) {
      for (let i = c.between(0, 2); i > 0; i--) add(when - i * 2 * minute_ms, 'screen');
      add(when, 'session');
    } else for (let i = c.between(1, 2); i > 0; i--) add(when - i * 2 * minute_ms, 'browse');
  }
  if (person.course !== 'prospect')
    for (let at = first + 30 * DAY_MS; at < until; at += 120 * DAY_MS) add(daytime(c, at), 'mailing');
  if (c.happens(0.2)) complain(c, daytime(c, first + c.next() * (until - first)), 0, add);
  if (c.happens(0.15)) add(daytime(c, first + c.next() * (until - first)), 'nps');
  if (!person.inCommunity) return;
  for (let at = first + c.gap(20) * DAY_MS; at < until; at += c.gap(20) * DAY_MS)
    add(
      daytime(c, at),
      c.weighted<Deed>([
        ['vote', 40],
        ['reply', 30],
        ['post', 14],
        ['follow', 12],
        ['badge', 4],
      ]),
    );
};
