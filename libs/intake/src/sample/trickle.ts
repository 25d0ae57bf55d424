import { type Instant } from '@tributary/kernel';
import { chance } from './chance.js';
import { type Deed } from './life-course.js';
import { personOf } from './people.js';
import { type SampleTouchpoint, touchpointOf } from './touchpoint-of.js';

const weights: readonly (readonly [Deed, number])[] = [
  ['browse', 30],
  ['screen', 14],
  ['session', 12],
  ['search', 9],
  ['browse_unknown', 7],
  ['order', 7],
  ['call', 4],
  ['vote', 4],
  ['reply', 3],
  ['mailing', 3],
  ['chat', 2],
  ['post', 1],
  ['follow', 1],
  ['csat', 1],
  ['nps', 1],
  ['kiosk', 1],
];

/** What follows from what, a little later. */
const follows: Partial<Record<Deed, readonly (readonly [Deed, number, number])[]>> = {
  order: [
    ['pay', 0.95, 20_000],
    ['review', 0.1, 120_000],
  ],
  call: [
    ['ticket_open', 0.4, 8_000],
    ['csat', 0.3, 30_000],
  ],
  ticket_open: [['ticket_close', 0.8, 90_000]],
};

/** More deeds under way than these are dropped: the trickle has a bound, too. */
const mostPending = 1_000;

/**
 * Live touchpoints of the people of `sample`, without end, in the order of time from `from` on; `occurredAt` says when
 * each is due (they come `gap_ms` apart on average). The same arguments give the same; another `from` gives other
 * message ids, so a restart repeats none.
 */
export function* trickle(
  seed: number,
  customers: number,
  from: Instant,
  gap_ms = 350,
): Generator<SampleTouchpoint & { readonly at: Instant }, never, undefined> {
  const c = chance(seed, 'trickle', from);
  const prefix = `live-${from.toString(36)}-`;
  const pending: { at: number; person: number; deed: Deed; n: number }[] = [];
  let at = from;
  let n = 0;
  for (;;) {
    const next = at + c.gap(gap_ms);
    const due = pending[0];
    const moment =
      due && due.at <= next
        ? due
        : { at: next, person: c.between(0, customers - 1), deed: c.weighted(weights), n: ++n };
    if (moment === due) pending.shift();
    at = moment.at;
    for (const [deed, probability, after_ms] of follows[moment.deed] ?? [])
      if (c.happens(probability) && pending.length < mostPending)
        pending.push({ at: moment.at + 1_000 + c.gap(after_ms), person: moment.person, deed, n: moment.n });
    pending.sort((a, b) => a.at - b.at);
    const whole = { ...moment, at: Math.floor(moment.at) };
    yield { ...touchpointOf(seed, personOf(seed, whole.person), whole, prefix), at: whole.at };
  }
}
