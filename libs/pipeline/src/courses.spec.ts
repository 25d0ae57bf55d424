import { expect, it } from '@jest/globals';
import { type AnyTouchpoint, course, historyOf, orderPlaced, readSubjects, toReporting } from '@tributary/domain';
import { DAY_MS } from '@tributary/kernel';
import { identifierOf, openDesk } from './controls/desk.js';
import { lifecycleRules, NOW } from './controls/town.js';
import { behaviourIsCalm } from './decide-course.js';

const BEGIN = NOW - 1_000 * DAY_MS;
const PERSON = identifierOf('member_no', 'M7');

const on = (day: number, type: 'order_placed' | 'call_held' | 'page_viewed'): AnyTouchpoint => {
  const at = BEGIN + day * DAY_MS;
  const payload = {
    order_placed: orderPlaced(`o${day}`, 1_000_000, 'USD'),
    call_held: { direction: 'inbound', topic: null, duration_s: 1, outcome: null, agent: null, summary: null },
    page_viewed: { path: '/', title: null, productId: null, category: null, campaign: null },
  }[type];
  const told = { channel: 'shop', messageId: `m${day}`, occurredAt: at, receivedAt: NOW, identifiers: [PERSON] };
  return { ...told, type, payload } as unknown as AnyTouchpoint;
};

it('stages are after each touchpoint what they would be decided from the whole history, also where most change none', async () => {
  const desk = await openDesk();
  for (const touchpoint of [
    on(0, 'page_viewed'),
    on(1, 'call_held'),
    on(2, 'order_placed'),
    on(3, 'page_viewed'),
    on(4, 'order_placed'),
    on(5, 'page_viewed'),
    // Silence came and went; then one within it.
    on(300, 'page_viewed'),
    on(301, 'call_held'),
    on(302, 'order_placed'),
    on(150, 'call_held'),
    on(303, 'page_viewed'),
  ]) {
    await desk.tell(touchpoint);
    const [customer] = await desk.customers();
    const [read] = await readSubjects(desk.store.documents, [PERSON.subject]);
    const state = read?.record.state;
    if (!state) throw new Error('nobody was heard of');
    const history = historyOf(state, (amount, currency) => toReporting(amount, currency, lifecycleRules.reporting));
    expect(customer?.course).toEqual(course(history, lifecycleRules, state.last).transitions);
  }
});

it.each([
  ['active_days', 'at_least', false],
  ['silence_days', 'below', false],
  ['silence_days', 'at_least', true],
  ['purchases', 'below', true],
] as const)('whether what is no order may be passed by, where rules ask for %s %s: %p', (feature, compare, isCalm) => {
  const rung = { name: 'own', when: [{ feature, compare, value: 3, within_days: null }] };
  expect(behaviourIsCalm(lifecycleRules)).toBe(true);
  for (const track of ['relationship', 'buyer'] as const) {
    const rules = { ...lifecycleRules, [track]: [rung, ...lifecycleRules[track]] };
    expect(behaviourIsCalm(rules)).toBe(isCalm);
  }
});
