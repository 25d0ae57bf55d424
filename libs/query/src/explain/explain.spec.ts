import { beforeEach, describe, expect, test } from '@jest/globals';
import { type CustomerId, DAY_MS, namesakeOf } from '@tributary/kernel';
import { type Explanation } from '../api.js';
import { UnknownPath } from '../errors.js';
import { openProfiles } from '../open-profiles.js';
import { identityRules, lifecycleRules } from '../testing/rules.js';
import { NOON, Town } from '../testing/town.js';

const LIN = [['phone', '+8613912345678']] as const;
const ONLINE = [['email', 'lin@example.com']] as const;

let town: Town;
let lin: CustomerId;
beforeEach(() => {
  town = new Town();
  lin = town.named(...LIN[0]);
});

const why = async (path: string, when = {}): Promise<Explanation> => (await town.profiles.explain(lin, path, when))!;
const values = ({ steps }: Explanation): unknown[] => steps.map(({ after }) => after);
const causes = ({ steps }: Explanation): string[] => steps.map(({ cause }) => cause.type);

describe('a value that facts add up to', () => {
  test('is explained by each fact that changed it, in event time, with its place in the log', async () => {
    await town.take(town.order(LIN, NOON - DAY_MS, 'o2', 20), town.traits(LIN, NOON, { name: 'Lin' }));
    await town.take(town.order(LIN, NOON - 2 * DAY_MS, 'o1', 10));
    const explained = await why('value.net');
    expect(explained).toMatchObject({ customerId: lin, value: '30.00', currency: 'CNY', rules: null, omitted: 0 });
    expect(values(explained)).toEqual(['10.00', '30.00']);
    expect(explained.steps[0]).toMatchObject({
      before: '0.00',
      currencyBefore: null,
      currency: 'CNY',
      cause: {
        type: 'order_placed',
        channel: 'shop',
        detail: { orderId: 'o1', amount: '10.00' },
        source: { topic: 'touchpoints.shop' },
      },
    });
  });

  test('tells of each step in what currency, where what was bought most in became another', async () => {
    const order = (day: number, units: number, currency: string) =>
      town.order(LIN, NOON - (9 - day) * DAY_MS, `o${day}`, units, currency);
    await town.take(order(1, 20, 'USD'), order(2, 7, 'CNY'), order(3, 13, 'CNY'));
    const { value, currency, steps } = await why('value.net');
    expect([value, currency]).toEqual(['20.00', 'CNY']);
    expect(steps.map(({ before, currencyBefore, after, currency: of }) => [before, currencyBefore, after, of])).toEqual(
      [
        ['0.00', null, '20.00', 'USD'],
        ['20.00', 'USD', '7.00', 'CNY'],
        ['7.00', 'CNY', '20.00', 'CNY'],
      ],
    );
    expect((await why('value.others.USD.net')).currency).toBe('USD');
    expect((await why('preferences.categories[0].bought')).currency).toBe('CNY');
    expect((await why('orders.recent[2].gross')).currency).toBe('USD');
    expect((await why('value.purchases')).currency).toBeNull();
  });

  test('that stays the same number in another currency has changed', async () => {
    const order = (day: number, currency: string) => town.order(LIN, NOON - (9 - day) * DAY_MS, `o${day}`, 5, currency);
    await town.take(order(1, 'USD'), order(2, 'CNY'));
    const { steps } = await why('value.net');
    expect(steps.map(({ after, currency }) => [after, currency])).toEqual([
      ['5.00', 'USD'],
      ['5.00', 'CNY'],
    ]);
  });

  test('of a register names the statement that won', async () => {
    await town.take(town.traits(LIN, NOON - 2, { name: 'Lin' }), town.traits(LIN, NOON - 1, { name: 'Lin Mei' }));
    expect(values(await why('traits.name'))).toEqual(['Lin', 'Lin Mei']);
  });

  test('counts what a merge brought', async () => {
    await town.take(town.order(LIN, NOON - 9, 'o1', 1), town.order(ONLINE, NOON - 8, 'o2', 2));
    await town.manual('merge', namesakeOf(lin), namesakeOf(town.named(...ONLINE[0])));
    expect(values(await why('value.net'))).toEqual(['1.00', '3.00']);
  });

  test('of a past moment knows only what had happened by then', async () => {
    await town.take(town.order(LIN, NOON - 2 * DAY_MS, 'o1', 10), town.order(LIN, NOON - DAY_MS, 'o2', 20));
    expect(values(await why('value.net', { asOf: NOON - 2 * DAY_MS }))).toEqual(['10.00']);
  });

  test('keeps the newest fifty steps', async () => {
    await town.take(...Array.from({ length: 60 }, (_, i) => town.order(LIN, NOON - DAY_MS + i, `o${i}`, 1)));
    const explained = await why('value.purchases');
    expect(explained.steps).toHaveLength(50);
    expect(explained.omitted).toBe(10);
    expect(explained.value).toBe(60);
    expect(values(explained).at(-1)).toBe(60);
  });

  test.each([
    'identifiers',
    'value',
    'orders',
    'preferences',
    'behaviour',
    'activity',
    'activity.channels.app.count',
    'version',
    'place',
    'lifecycle',
  ])('the last step of %s leads to the value on the profile', async (path) => {
    await town.take(
      town.order(LIN, NOON - DAY_MS, 'o1', 10),
      town.view(LIN, NOON, 'tea'),
      town.traits([...LIN, ...ONLINE], NOON, { city: 'X' }),
    );
    const explained = await why(path);
    if (path !== 'version') expect(explained.steps.at(-1)?.after).toEqual(explained.value);
    expect(explained.steps.length).toBeGreaterThan(0);
  });
});

describe('a stage', () => {
  test('is explained by the decisions, one transition after the other, with their rules and reasons', async () => {
    await town.take(town.order(LIN, NOON - 300 * DAY_MS, 'o1', 10));
    await town.take(town.order(LIN, NOON - 100 * DAY_MS, 'o2', 10));
    const explained = await why('lifecycle.relationship.stage');
    expect(explained.rules).toBe('lifecycle-test/tiers-test');
    expect(explained.value).toBe('growth');
    expect(values(explained)).toEqual(['acquisition', 'decline', 'exit', 'growth']);
    expect(explained.steps[0]?.cause).toMatchObject({ kind: 'decision', type: 'CourseAdvanced' });
  });

  test('that a late fact revised shows both', async () => {
    await town.take(town.order(LIN, NOON - 300 * DAY_MS, 'o1', 10));
    await town.take(town.order(LIN, NOON - 250 * DAY_MS, 'late', 10));
    expect(causes(await why('lifecycle.relationship.since')).at(-1)).toBe('CourseRevised');
  });

  test('is not told twice after a merge and its undoing', async () => {
    await town.take(town.order(ONLINE, NOON - 400 * DAY_MS, 'o0', 1));
    await town.take(town.order(LIN, NOON - 300 * DAY_MS, 'o1', 1), town.order(LIN, NOON - 290 * DAY_MS, 'o2', 1));
    const before = values(await why('lifecycle.relationship.stage'));
    const [a, b] = [namesakeOf(lin), namesakeOf(town.named(...ONLINE[0]))];
    await town.manual('merge', a, b);
    town.clock.advance(1);
    await town.manual('keep_apart', a, b);
    expect(values(await why('lifecycle.relationship.stage'))).toEqual(before);
    expect(before).toEqual(['acquisition', 'growth', 'decline', 'exit']);
  });

  test('of a moment before a merge is told of whom the customer was then', async () => {
    await town.take(town.order(LIN, NOON - 390 * DAY_MS, 'o1', 1), town.order(ONLINE, NOON - 300 * DAY_MS, 'o0', 1));
    await town.manual('merge', namesakeOf(lin), namesakeOf(town.named(...ONLINE[0])));
    town.clock.advance(1);
    for (const path of ['stage', 'since'].map((end) => `lifecycle.relationship.${end}`).concat('lifecycle.history')) {
      const explained = await why(path, { asOf: NOON - 250 * DAY_MS });
      expect(explained.steps.at(-1)?.after).toEqual(explained.value);
      explained.steps.slice(1).forEach(({ before }, i) => expect(before).toEqual(explained.steps[i]?.after));
    }
    expect(values(await why('lifecycle.relationship.stage', { asOf: NOON - 250 * DAY_MS }))).toEqual([
      'acquisition',
      'decline',
    ]);
  });

  test('of a long history that came at once has the time and the touchpoint of its own', async () => {
    await town.take(...[300, 290, 20].map((day, i) => town.order(LIN, NOON - day * DAY_MS, `o${i}`, 10)));
    const told = (await why('lifecycle.relationship.stage')).steps.map(({ after, at, because }) => ({
      after,
      days: Math.round((NOON - Date.parse(at)) / DAY_MS),
      because: because.map(({ detail }) => (detail as { orderId: string }).orderId),
    }));
    expect(told).toEqual([
      { after: 'acquisition', days: 300, because: ['o0'] },
      { after: 'growth', days: 290, because: ['o1'] },
      // Silence alone: no touchpoint made it so.
      { after: 'decline', days: expect.any(Number), because: [] },
      { after: 'exit', days: expect.any(Number), because: [] },
      { after: 'growth', days: 20, because: ['o2'] },
    ]);
    const { steps } = await why('lifecycle.relationship.stage');
    expect(steps[1]?.evidence).toEqual({ purchase_days: 2 });
  });

  test('that goes by an amount names its currency, as long as the rules that decided are the rules', async () => {
    await town.take(town.order(LIN, NOON - 20 * DAY_MS, 'o0', 10));
    const told = ({ steps }: Explanation) =>
      steps.map(({ evidence, evidenceCurrency }) => [evidence, evidenceCurrency]);
    const spent = { net_spend_365d_e4: expect.any(Number) };
    expect(told(await why('lifecycle.tier.stage'))).toEqual([[spent, 'CNY']]);
    expect(told(await why('lifecycle.tier.stage', { asOf: NOON - DAY_MS }))).toEqual([[spent, 'CNY']]);
    expect(told(await why('lifecycle.buyer.stage'))).toEqual([[expect.anything(), null]]);
    const others = { ...lifecycleRules, version: 'lifecycle-9/tiers-9' };
    const later = openProfiles({ ...town.stores(), identityRules, lifecycleRules: others });
    const explained = await later.explain(lin, 'lifecycle.tier.stage');
    expect(explained && told(explained)).toEqual([[spent, null]]);
  });

  test('that nobody has yet is a valid path without steps', async () => {
    await town.take(town.traits(LIN, NOON, {}));
    expect(await why('lifecycle.tier.stage')).toMatchObject({ value: null, steps: [] });
  });
});

describe('who belongs to the customer', () => {
  test('is explained by facts and by the decisions that linked and released', async () => {
    await town.take(town.order(LIN, NOON - 9, 'o1', 1), town.order(ONLINE, NOON - 8, 'o2', 2));
    const email = town.named(...ONLINE[0]);
    town.clock.advance(10);
    await town.manual('merge', namesakeOf(lin), namesakeOf(email));
    const merged = await why('subjects');
    expect(causes(merged)).toEqual(['order_placed', 'SubjectsLinked']);
    expect(merged.steps.at(-1)?.after).toEqual(merged.value);
    expect(merged.rules).toBe('identity-test');
    town.clock.advance(10);
    await town.manual('keep_apart', namesakeOf(lin), namesakeOf(email));
    expect(causes(await why('identifiers'))).toEqual(['order_placed']);
    expect(causes(await why('subjects'))).toEqual(['order_placed', 'SubjectsLinked', 'SubjectsReleased']);
    // Whatever was decided of its stages since, who belongs to it was decided by these rules.
    town.clock.advance(DAY_MS);
    await town.take(town.order(LIN, town.clock.now(), 'o3', 3));
    expect(causes(await why('lifecycle.relationship.stage')).at(-1)).toBe('CourseAdvanced');
    expect((await why('subjects')).rules).toBe('identity-test');
  });
});

describe('who belonged to the customer at a moment, or belongs to it by late evidence', () => {
  const [CARD] = [['member_no', 'M1']] as const;
  const reach = ({ steps, value }: Explanation): void => {
    expect(steps.at(-1)?.after).toEqual(value);
    steps.slice(1).forEach(({ before }, i) => expect(before).toEqual(steps[i]?.after));
  };

  test('is explained by the touchpoints that named two of them', async () => {
    await town.take(town.order([...LIN, ...ONLINE], NOON - 5 * DAY_MS, 'o1', 1));
    // What comes late gives the customer another name, and links the two anew.
    await town.take(town.order([CARD, ...LIN], NOON - 9 * DAY_MS, 'o2', 2));
    for (const when of [{ asOf: NOON - 7 * DAY_MS }, { asOf: NOON - DAY_MS }, {}])
      for (const path of ['subjects', 'subjects[0]', 'identifiers', 'identifiers[0].value', 'customerId'])
        reach(await why(path, when));
    const then = await why('subjects', { asOf: NOON - DAY_MS });
    expect(then.steps.map(({ after, cause }) => [(after as unknown[]).length, cause.detail])).toEqual([
      [2, expect.objectContaining({ orderId: 'o2' })],
      [3, expect.objectContaining({ orderId: 'o1' })],
    ]);
  });

  test('is explained by the word that merged them, and by no touchpoint that ties nobody', async () => {
    await town.take(town.order(LIN, NOON - 9 * DAY_MS, 'o1', 1), town.order(ONLINE, NOON - 8 * DAY_MS, 'o2', 2));
    town.clock.advance(10);
    await town.manual('merge', namesakeOf(lin), namesakeOf(town.named(...ONLINE[0])));
    const then = await why('subjects', { asOf: NOON + 20 });
    expect(causes(then)).toEqual(['order_placed', 'ManualLinkMade']);
    reach(then);
    expect((await why('subjects', { asOf: NOON })).steps).toHaveLength(1);
  });

  test('is explained by no word that was taken back, though evidence has tied the two since', async () => {
    await town.take(town.order(LIN, NOON - 9 * DAY_MS, 'o1', 1), town.order(ONLINE, NOON - 8 * DAY_MS, 'o2', 2));
    const [a, b] = [namesakeOf(lin), namesakeOf(town.named(...ONLINE[0]))];
    for (const kind of ['merge', 'withdraw'] as const) {
      town.clock.advance(10);
      await town.manual(kind, a, b);
    }
    expect((await why('subjects')).value).toEqual([a]);
    expect((await why('subjects', { asOf: NOON + 10 })).value).toEqual([a, b].sort());
    town.clock.advance(10);
    await town.take(town.order([...LIN, ...ONLINE], NOON + 30, 'o3', 3));
    const then = await why('subjects', { asOf: NOON + 30 });
    expect(then.steps.map(({ after, cause }) => [(after as unknown[]).length, cause.detail])).toEqual([
      [1, expect.objectContaining({ orderId: 'o1' })],
      [2, expect.objectContaining({ orderId: 'o3' })],
    ]);
    reach(then);
  });
});

test('the version and the id are explained by the last event and the first', async () => {
  await town.take(town.order(LIN, NOON - 9, 'o1', 1));
  const [version, id] = [await why('version'), await why('customerId')];
  expect(version.steps.at(-1)?.after).toBe(version.value);
  expect(causes(version).at(-1)).toBe('CourseAdvanced');
  expect(id).toMatchObject({ value: lin, steps: [{ before: null, after: lin, cause: { type: 'order_placed' } }] });
});

test('an unknown path names the nearest that there are', async () => {
  await town.take(town.traits(LIN, NOON, { name: 'Lin' }));
  const refusal = await town.profiles.explain(lin, 'trait.nam').catch((thrown: unknown) => thrown);
  expect(refusal).toBeInstanceOf(UnknownPath);
  expect((refusal as UnknownPath).nearest[0]).toBe('traits.name');
  await expect(town.profiles.explain(lin, '')).rejects.toThrow(UnknownPath);
});
