import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { DAY_MS, namesakeOf } from '@tributary/kernel';
import { type When } from './api.js';
import { InvalidIdentifierError } from './errors.js';
import { NOON, Town } from './testing/town.js';

const LIN = [['phone', '+8613912345678']] as const;
const LIN_ONLINE = [['email', 'lin@example.com']] as const;
const LIN_BOTH = [...LIN, ...LIN_ONLINE];

let town: Town;
beforeEach(() => void (town = new Town()));

describe('today', () => {
  test('a customer is found by any of its identifiers, however it is written', async () => {
    await town.take(town.traits(LIN, NOON, { name: 'Lin' }), town.order(LIN_ONLINE, NOON + 1, 'o1', 100));
    expect((await town.profiles.findByIdentifier('email', ' LIN@example.com '))?.traits).toEqual({});
    await town.take(town.traits(LIN_BOTH, NOON + 2, { city: 'Xiamen' }));
    const byPhone = await town.profiles.findByIdentifier('phone', '139 1234 5678');
    expect(byPhone?.traits).toEqual({ name: 'Lin', city: 'Xiamen' });
    expect(byPhone?.value.net).toBe('100.00');
    expect(await town.profiles.findByIdentifier('email', 'lin@example.com')).toEqual(byPhone);
  });

  test('nobody is known by an identifier that was never seen', async () => {
    expect(await town.profiles.findByIdentifier('email', 'who@example.com')).toBeUndefined();
    expect(await town.profiles.get(town.named('email', 'who@example.com'))).toBeUndefined();
  });

  test('a malformed identifier is refused without repeating it', async () => {
    const refusal = await town.profiles.findByIdentifier('email', 'not-an-email').catch((thrown: unknown) => thrown);
    expect(refusal).toBeInstanceOf(InvalidIdentifierError);
    expect((refusal as Error).message).not.toContain('not-an-email');
    await expect(town.profiles.findByIdentifier('shoe_size', '42')).rejects.toThrow(InvalidIdentifierError);
  });

  test('every id that was ever issued leads to who holds it now', async () => {
    await town.take(town.order(LIN, NOON, 'o1', 1));
    await town.take(town.order(LIN_ONLINE, NOON + 1, 'o2', 2));
    await town.take(town.traits(LIN_BOTH, NOON + 2, {}));
    const first = town.named('phone', LIN[0][1]);
    expect((await town.profiles.get(town.named('email', LIN_ONLINE[0][1])))?.customerId).toBe(first);
    expect((await town.profiles.get(first))?.customerId).toBe(first);
  });

  test('a customer whose subjects are tied directly is read in two rounds', async () => {
    await town.take(town.traits(LIN_BOTH, NOON, {}), town.order(LIN_ONLINE, NOON, 'o', 1));
    const get = jest.spyOn(town.documents, 'get');
    await town.profiles.findByIdentifier('email', 'lin@example.com');
    // A subject is two documents: the subject’s; then the customer’s and the ties’ side by side.
    expect(get).toHaveBeenCalledTimes(5);
  });
});

describe('at a moment', () => {
  test('counts what is dated ahead in stages from its date on, as in values, and concludes no silence after what is known', async () => {
    const HOUR_MS = DAY_MS / 24;
    await town.take(town.order(LIN, NOON - DAY_MS, 'o1', 1), town.order(LIN, NOON + 10 * HOUR_MS, 'o2', 1));
    const id = town.named('phone', LIN[0][1]);
    const at = async (asOf: number) => {
      const then = await town.profiles.get(id, { asOf });
      return [then?.value.purchases, then?.lifecycle.relationship?.stage];
    };
    expect(await at(NOON)).toEqual([1, 'acquisition']);
    // As of a date is as of its end.
    expect(await at(NOON + DAY_MS / 2 - 1)).toEqual([2, 'growth']);
    expect(await at(NOON + 1_000 * DAY_MS)).toEqual([2, 'growth']);
  });

  test('shows what had happened by then, with the stage of that day', async () => {
    await town.take(town.order(LIN, NOON - 400 * DAY_MS, 'o1', 300), town.order(LIN, NOON - 10 * DAY_MS, 'o2', 5));
    const id = town.named('phone', LIN[0][1]);
    const then = await town.profiles.get(id, { asOf: NOON - 200 * DAY_MS });
    expect(then?.value).toMatchObject({ purchases: 1, net: '300.00', recencyDays: 200 });
    expect(then?.lifecycle.relationship?.stage).toBe('exit');
    expect(then?.lifecycle.tier?.stage).toBe('silver');
    const now = await town.profiles.get(id);
    expect(now?.lifecycle.relationship?.stage).toBe('growth');
    expect(await town.profiles.get(id, { asOf: NOON - 500 * DAY_MS })).toBeUndefined();
  });

  test('leaves out what the platform did not know yet', async () => {
    await town.take(town.order(LIN, NOON - 5 * DAY_MS, 'o1', 10));
    const known = town.clock.now();
    town.clock.advance(DAY_MS);
    await town.take(town.order(LIN, NOON - 4 * DAY_MS, 'late', 20));
    const id = town.named('phone', LIN[0][1]);
    expect((await town.profiles.get(id, { knownAt: known }))?.value.net).toBe('10.00');
    expect((await town.profiles.get(id, { asOf: NOON - 4 * DAY_MS }))?.value.net).toBe('30.00');
  });

  test('cuts a behaviour sum touchpoint by touchpoint', async () => {
    await town.take(...[3, 2, 1].map((days) => town.view(LIN, NOON - days * DAY_MS, 'tea')));
    const then = await town.profiles.get(town.named('phone', LIN[0][1]), { asOf: NOON - 2 * DAY_MS });
    expect(then?.behaviour).toMatchObject({ pageViews: 2, labels: [{ label: 'page_viewed:tea', count: 2 }] });
  });

  test('knows who was who: before the link, after it, and between merge and unmerge', async () => {
    await town.take(town.order(LIN, NOON - 9, 'o1', 1), town.order(LIN_ONLINE, NOON - 8, 'o2', 2));
    const phone = town.named('phone', LIN[0][1]);
    const email = town.named('email', LIN_ONLINE[0][1]);
    town.clock.advance(1000);
    await town.manual('merge', namesakeOf(phone), namesakeOf(email));
    town.clock.advance(1000);
    await town.manual('keep_apart', namesakeOf(phone), namesakeOf(email));
    town.clock.advance(1000);
    const net = async (asOf: number) => (await town.profiles.get(email, { asOf }))?.value.net;
    expect(await net(NOON)).toBe('2.00');
    expect(await net(NOON + 1500)).toBe('3.00');
    expect(await net(NOON + 2500)).toBe('2.00');
    expect((await town.profiles.get(email, { asOf: NOON + 1500 }))?.customerId).toBe(phone);
  });

  test('knows what was said by hand from when it was said', async () => {
    await town.take(town.order(LIN, NOON - 9, 'o1', 1), town.order(LIN_ONLINE, NOON - 8, 'o2', 2));
    const phone = town.named('phone', LIN[0][1]);
    const email = town.named('email', LIN_ONLINE[0][1]);
    const [apart, merged] = [NOON + 500, NOON + 1500];
    town.clock.set(NOON + 1000);
    await town.manual('merge', namesakeOf(phone), namesakeOf(email));
    town.clock.set(NOON + 2000);
    await town.manual('keep_apart', namesakeOf(phone), namesakeOf(email));
    const net = async (knownAt: number) => (await town.profiles.get(email, { knownAt }))?.value.net;
    expect([await net(apart), await net(merged), await net(NOON + 2500)]).toEqual(['2.00', '3.00', '2.00']);
  });

  test('an identifier names whoever it named then', async () => {
    // given: both were somebody of their own before a link made one of them
    await town.take(town.order(LIN, NOON - 9 * DAY_MS, 'o1', 1), town.order(LIN_ONLINE, NOON - 8 * DAY_MS, 'o2', 2));
    const known = town.clock.now();
    town.clock.advance(1000);
    await town.take(town.traits(LIN_BOTH, NOON + 500, {}));
    const email = town.named(...LIN_ONLINE[0]);
    const find = async (when?: When) => {
      const profile = await town.profiles.findByIdentifier(...LIN_ONLINE[0], when);
      return profile && [profile.customerId, profile.value.net];
    };
    // then
    expect(await find()).toEqual([town.named(...LIN[0]), '3.00']);
    expect(await find({ asOf: NOON - DAY_MS })).toEqual([email, '2.00']);
    expect(await find({ knownAt: known })).toEqual([email, '2.00']);
    expect(await find({ asOf: NOON - 20 * DAY_MS })).toBeUndefined();
  });

  test('an identifier that joins strangers by now still tied the first ones together then', async () => {
    const kiosk = ['device', 'kiosk'] as const;
    const visitor = (n: number) => ['phone', `+861391234000${n}`] as const;
    for (const n of [1, 2, 3, 4]) await town.take(town.traits([visitor(n), kiosk], NOON + n, { name: `v${n}` }));
    const id = town.named('device', 'kiosk');
    expect((await town.profiles.get(town.named(...visitor(1))))?.subjects).toHaveLength(1);
    expect((await town.profiles.get(id, { asOf: NOON + 2 }))?.subjects).toHaveLength(3);
    expect((await town.profiles.get(town.named(...visitor(2)), { asOf: NOON + 4 }))?.subjects).toHaveLength(1);
  });

  test('an erased subject is gone from every moment, and begins anew', async () => {
    await town.take(town.order(LIN, NOON - 10, 'o1', 1));
    const id = town.named('phone', LIN[0][1]);
    await town.erase(namesakeOf(id));
    expect(await town.profiles.get(id, { asOf: NOON - 5 })).toBeUndefined();
    expect(await town.profiles.get(id)).toBeUndefined();
    await town.take(town.order(LIN, NOON - 3, 'o2', 2));
    expect((await town.profiles.get(id, { asOf: NOON }))?.value.net).toBe('2.00');
    const types = (await town.profiles.timeline(id, { limit: 9 }))?.entries.map(({ type }) => type);
    expect(types?.sort()).toEqual(['CourseAdvanced', 'order_placed']);
  });

  test('whoever comes to the identifier that an erased customer was named after hears nothing of that one', async () => {
    // given: a device that was only ever named, and gives the name: of two seen at once, the smaller does
    const phone = namesakeOf(town.named(...LIN[0]));
    const devices = Array.from({ length: 99 }, (_, i) => ['device', `d-${i}`] as const);
    const device = devices.find(([type, value]) => namesakeOf(town.named(type, value)) < phone)!;
    const id = town.named(...device);
    await town.take(town.order([LIN[0], device], NOON - 9 * DAY_MS, 'o1', 5));
    expect((await town.profiles.get(town.named(...LIN[0])))?.customerId).toBe(id);
    for (const subject of [phone, namesakeOf(id)]) await town.erase(subject, [phone, namesakeOf(id)]);
    town.clock.advance(1000);
    // when
    await town.take(town.traits([device], NOON, { name: 'somebody new' }));
    // then
    expect((await town.profiles.timeline(id, { limit: 9 }))?.entries.map(({ type }) => type).sort()).toEqual([
      'CourseAdvanced',
      'traits_stated',
    ]);
    for (const when of [undefined, { asOf: town.clock.now() }])
      for (const path of ['subjects', 'identifiers', 'lifecycle.tier.stage', 'value.net']) {
        const { steps } = (await town.profiles.explain(id, path, when))!;
        expect(steps.map(({ cause }) => cause.type)).toEqual(
          /subjects|identifiers/.test(path) ? ['traits_stated'] : [],
        );
      }
  });

  test('what another said of an identifier before it was erased counts when it is said again, and from then on', async () => {
    const [phone, email] = [LIN[0], LIN_ONLINE[0]];
    await town.take(town.order([phone, email], NOON - 9 * DAY_MS, 'o1', 5));
    await town.erase(namesakeOf(town.named(...email)));
    await town.take(town.order([phone, email], NOON - DAY_MS, 'o2', 5));
    const id = town.named(...phone);
    for (const when of [undefined, { asOf: NOON }])
      expect((await town.profiles.get(id, when))?.identifiers).toMatchObject([
        { type: 'email', firstSeen: new Date(NOON - DAY_MS).toISOString() },
        { type: 'phone', firstSeen: new Date(NOON - 9 * DAY_MS).toISOString() },
      ]);
    expect((await town.profiles.explain(id, 'identifiers'))!.steps.at(-1)?.after).toEqual(
      (await town.profiles.get(id))?.identifiers,
    );
  });
});

describe('an identifier that was only ever named', () => {
  const shared = ['device', 'shared'] as const;

  test('is known, and empty, once it was taken out of whom it was named with', async () => {
    await town.take(town.order([LIN[0], shared], NOON - 10, 'o1', 1));
    const [phone, device] = [town.named('phone', LIN[0][1]), town.named(...shared)];
    const both = (await town.profiles.get(device))?.customerId;
    expect((await town.profiles.get(phone))?.customerId).toBe(both);
    town.clock.advance(1000);
    await town.manual('keep_apart', namesakeOf(phone), namesakeOf(device));
    for (const profile of [await town.profiles.get(device), await town.profiles.findByIdentifier(...shared)])
      expect(profile).toMatchObject({
        customerId: device,
        subjects: [namesakeOf(device)],
        activity: { touchpoints: 0, first: null, last: null },
        lifecycle: { relationship: null, buyer: null, tier: null },
        value: { net: '0.00' },
      });
    const now = { asOf: town.clock.now() };
    expect({ ...(await town.profiles.get(device, now)), version: 0 }).toEqual({
      ...(await town.profiles.get(device)),
      version: 0,
    });
    expect((await town.profiles.get(device, { asOf: NOON }))?.customerId).toBe(both);
    expect(await town.profiles.get(device, { asOf: NOON - 20 })).toBeUndefined();
    const timeline = await town.profiles.timeline(device, { limit: 9 });
    expect(timeline?.entries.map(({ type }) => type)).toContain('ManualLinkMade');
  });

  test('is nobody after those who named it are erased', async () => {
    await town.take(town.order([LIN[0], shared], NOON - 10, 'o1', 1));
    const phone = town.named('phone', LIN[0][1]);
    await town.manual('keep_apart', namesakeOf(phone), namesakeOf(town.named(...shared)));
    await town.erase(namesakeOf(phone));
    expect(await town.profiles.get(town.named(...shared))).toBeUndefined();
  });
});

describe('list', () => {
  test('pages through all customers in id order', async () => {
    for (let n = 1; n <= 5; n++)
      await town.take(town.traits([['phone', `+861391234000${n}`]], NOON, { name: `v${n}` }));
    const first = await town.profiles.list({ limit: 3 });
    const second = await town.profiles.list({ after: first[2]!.customerId, limit: 3 });
    const ids = [...first, ...second].map((each) => each.customerId);
    expect(ids).toHaveLength(5);
    expect(ids).toEqual([...ids].sort());
    expect([...first, ...second].map((each) => each.name).sort()).toEqual(['v1', 'v2', 'v3', 'v4', 'v5']);
    expect(first[0]).toMatchObject({ stage: 'acquisition', buyer: 'prospect', tier: null, net: '0.00' });
  });
});
