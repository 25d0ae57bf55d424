import {
  type AmountE4,
  amountText,
  type AnyTouchpoint,
  type BehaviourTally,
  type CustomerEvent,
  type OrderLine,
  type Transition,
} from '@tributary/domain';
import { type Instant, isoText, type RecordedEvent } from '@tributary/kernel';
import { type TimelineEntry } from '../api.js';
import { type BehaviourFact, type Fact, instantOf } from '../replay/facts.js';
import { type Decision, instantOfDecision } from '../replay/read-decisions.js';

const none: ReadonlySet<Transition> = new Set();

/** An event as a person reads it. Transitions that are `withdrawn` say so. */
export const entryOf = (from: Fact | Decision, withdrawn = none): TimelineEntry => {
  switch (from.kind) {
    case 'fact':
      return {
        ...placeOf(from.event),
        at: isoText(from.touchpoint.occurredAt),
        recordedAt: isoText(from.touchpoint.receivedAt),
        kind: 'fact',
        type: from.touchpoint.type,
        channel: from.touchpoint.channel,
        detail: payloadOf(from.touchpoint),
      };
    case 'behaviour':
      return {
        ...placeOf(from.event),
        at: isoText(instantOf(from)),
        recordedAt: isoText(knownAt(from)),
        kind: 'behaviour',
        type: from.event.type,
        channel: channelOf(from),
        detail: countsOf(from),
      };
    case 'decision': {
      return {
        ...placeOf(from.event),
        at: isoText(instantOfDecision(from)),
        recordedAt: isoText(from.event.metadata.recordedAt),
        kind: 'decision',
        type: from.decision.type,
        channel: null,
        detail: bodyOf(from.decision, withdrawn),
      };
    }
    default:
      return from satisfies never;
  }
};

/**
 * So many of one list an entry tells. A course may be revised by tens of thousands of transitions at once, and two hundred such
 * entries make a page.
 */
export const LISTED = 100;

/** Of a course the newest, of all else the first; `omitted` says by name how many are left out. */
const bodyOf = (decision: CustomerEvent, withdrawn: ReadonlySet<Transition>): unknown => {
  const { type: _, ...body } = decision;
  const detail: Record<string, unknown> = { ...body };
  const omitted: Record<string, number> = {};
  for (const [name, list] of Object.entries(body)) {
    if (!Array.isArray(list) || list.length <= LISTED) continue;
    detail[name] = name === 'transitions' ? list.slice(-LISTED) : list.slice(0, LISTED);
    omitted[name] = list.length - LISTED;
  }
  if ('transitions' in body)
    detail['transitions'] = (detail['transitions'] as readonly Transition[]).map((each) =>
      withdrawn.has(each) ? { ...each, withdrawn: true } : each,
    );
  return Object.keys(omitted).length > 0 ? { ...detail, omitted } : detail;
};

/** When the last of its touchpoints was accepted: of a sum that a moment cuts in two, the last of those that were known then. */
const knownAt = ({ sum }: BehaviourFact): Instant =>
  sum.tallies.reduce((last, { received }) => received.reduce((later, at) => Math.max(later, at), last), -Infinity);

const placeOf = ({ id, stream, revision, position, metadata }: RecordedEvent) => ({
  id,
  stream,
  revision,
  position,
  source: metadata.source ?? null,
});

/** Amounts as decimal texts, as everywhere on a profile. */
const payloadOf = (touchpoint: AnyTouchpoint): unknown => {
  switch (touchpoint.type) {
    case 'order_placed': {
      const { amount, tax, shipping, discount, lines } = touchpoint.payload;
      return {
        ...touchpoint.payload,
        amount: amountText(amount),
        tax: textOrNull(tax),
        shipping: textOrNull(shipping),
        discount: textOrNull(discount),
        lines: lines.map(lineOf),
      };
    }
    case 'order_refunded':
      return {
        ...touchpoint.payload,
        amount: amountText(touchpoint.payload.amount),
        lines: touchpoint.payload.lines.map(lineOf),
      };
    case 'order_cancelled': {
      const { amount, lines } = touchpoint.payload;
      return { ...touchpoint.payload, amount: textOrNull(amount), lines: lines.map(lineOf) };
    }
    case 'order_paid':
      return { ...touchpoint.payload, amount: amountText(touchpoint.payload.amount) };
    default:
      return touchpoint.payload;
  }
};

const lineOf = (line: OrderLine) => ({
  ...line,
  unitPrice: amountText(line.unitPrice),
  amount: amountText(line.amount),
  discount: textOrNull(line.discount),
});

const textOrNull = (amount: AmountE4 | null): string | null => (amount === null ? null : amountText(amount));

/** Of each type, channel and label, whatever the length of the sessions. */
const countsOf = ({ sum }: BehaviourFact): unknown => {
  const groups = new Map<string, BehaviourTally[]>();
  for (const tally of sum.tallies) {
    const name = `${tally.type}|${tally.channel}|${tally.label}`;
    const group = groups.get(name);
    if (group) group.push(tally);
    else groups.set(name, [tally]);
  }
  const counts = [...groups.values()].map(countOf);
  if (counts.length <= LISTED) return { counts };
  return { counts: counts.slice(0, LISTED), omitted: { counts: counts.length - LISTED } };
};

const countOf = (tallies: readonly BehaviourTally[]): unknown => {
  const [{ type, channel, label }] = tallies as [BehaviourTally];
  return {
    type,
    channel,
    label,
    count: tallies.reduce((sum, { times }) => sum + times.length, 0),
    // As many as were met in a unit: too many to be arguments of one call.
    first: isoText(tallies.reduce((first, { times }) => Math.min(first, times[0] ?? 0), Infinity)),
    last: isoText(tallies.reduce((last, { times }) => Math.max(last, times[times.length - 1] ?? 0), 0)),
    seconds: tallies.reduce((sum, { seconds }) => sum + seconds, 0),
  };
};

/** `null` where the touchpoints of one sum came over several. */
const channelOf = ({ sum }: BehaviourFact): string | null => {
  const [first, ...others] = new Set(sum.tallies.map(({ channel }) => channel));
  return others.length === 0 ? (first ?? null) : null;
};
