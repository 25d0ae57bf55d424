import { expect, test } from '@jest/globals';
import {
  type Identifier,
  emptyState,
  foldFact,
  type Payloads,
  renderProfile,
  type SubjectState,
} from '@tributary/domain';
import { DAY_MS, namesakeOf } from '@tributary/kernel';
import { type Fact, foldInto } from './replay/facts.js';
import { mayChange, renderSections, sections } from './sections.js';
import { NOON, Town } from './testing/town.js';

/** Something of everything that a profile can show. */
const fullState = (town: Town, onFact: (fact: Fact, state: SubjectState) => void = () => undefined): SubjectState => {
  const who = [['phone', '+8613912345678']] as const;
  const contact: Payloads['call_held'] = {
    direction: 'inbound',
    topic: 't',
    duration_s: 5,
    outcome: 'ok',
    agent: null,
    summary: null,
  };
  const touchpoints = [
    town.order(who, NOON, 'o1', 10),
    town.order(who, NOON - DAY_MS, 'o2', 20),
    town.touchpoint('order_cancelled', who, NOON, {
      orderId: 'o2',
      amount: null,
      currency: null,
      lines: [],
      reason: null,
    }),
    town.touchpoint('order_refunded', who, NOON, {
      orderId: 'o1',
      refundId: 'r',
      amount: 10_000,
      currency: 'CNY',
      lines: [],
      reason: null,
    }),
    town.touchpoint('traits_stated', who, NOON, {
      traits: { name: 'Lin', country: 'CN', city: 'Xiamen' },
      interests: ['tea'],
    }),
    town.touchpoint('call_held', who, NOON, contact),
    town.touchpoint('ticket_opened', who, NOON, { ticketId: 't', topic: 'x', priority: 'high', via: null }),
    town.touchpoint('ticket_closed', who, NOON, { ticketId: 'u', resolution: 'ok', withinSla: true }),
    town.touchpoint('review_given', who, NOON, { about: 'p', rating: 4, maxRating: 5, text: null }),
    town.touchpoint('survey_answered', who, NOON, { survey: 'nps', score: 9, about: null, comment: null }),
    town.touchpoint('post_created', who, NOON, { postId: 'p', title: null, tags: [], text: null }),
  ];
  const state = emptyState();
  const [{ subject }] = touchpoints[0]!.identifiers as [Identifier];
  touchpoints.forEach((touchpoint, i) => {
    foldFact(state, touchpoint, `id${i}`);
    onFact({ kind: 'fact', subject, event: { id: `id${i}` } as never, touchpoint }, state);
  });
  const tally = {
    type: 'page_viewed' as const,
    channel: 'app',
    label: 'tea',
    times: [NOON],
    received: [NOON],
    seconds: 7,
  };
  const sum: Fact = { kind: 'behaviour', subject, event: { id: 's' } as never, sum: { tallies: [tally], links: [] } };
  foldInto(state, sum);
  onFact(sum, state);
  return state;
};

test('a section rendered alone is the section of the whole profile', () => {
  const town = new Town();
  const state = fullState(town);
  const id = town.named('phone', '+8613912345678');
  const customer = { id, subjects: [namesakeOf(id)], course: [], rules: 'r' };
  const whole = renderProfile(customer, state, NOON, 3);
  expect([...sections].sort()).toEqual(Object.keys(whole).sort());
  const blank = renderProfile({ ...customer, rules: null }, emptyState(), NOON, 0);
  for (const section of sections) {
    expect(renderSections([section], customer, state, NOON, 3)).toEqual({ [section]: whole[section] });
    // The spec would prove nothing of a section that the state leaves empty.
    if (!['customerId', 'subjects'].includes(section)) expect(whole[section]).not.toEqual(blank[section]);
  }
});

test('a fact that may not change a section leaves it as it was', () => {
  const town = new Town();
  const id = town.named('phone', '+8613912345678');
  const customer = { id, subjects: [namesakeOf(id)], course: [], rules: 'r' };
  const rendered = (state: SubjectState) =>
    sections.map((section) => renderSections([section], customer, state, NOON, 3));
  let before = rendered(emptyState());
  let spared = 0;
  fullState(town, (fact, state) => {
    const after = rendered(state);
    sections.forEach((section, i) => {
      if (mayChange([section], fact)) return;
      spared += 1;
      expect([section, after[i]]).toEqual([section, before[i]]);
    });
    before = after;
  });
  expect(spared).toBeGreaterThan(30);
});
