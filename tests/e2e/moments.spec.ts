import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Profile } from '@tributary/domain';
import { type Refused, RunningPlatform } from './running-platform.js';
import { call, order, traits } from './touchpoints.js';

describe('the profile at a moment', () => {
  let town: RunningPlatform;
  /** When the platform knew of the first delivery, and of no more. */
  let between: string;
  const li = { member_no: 'M1', phone: '13912345678' };
  beforeAll(async () => {
    town = await RunningPlatform.begin();
    await town.take('web_shop', [
      traits('t-1', '2025-01-05T00:00:00Z', li, { city: '上海' }),
      order('o-1', '2025-01-10T00:00:00Z', li, '100.00'),
      order('o-3', '2025-03-10T00:00:00Z', li, '300.00'),
    ]);
    await town.settled();
    await new Promise((resolve) => setTimeout(resolve, 20));
    between = new Date().toISOString();
    await new Promise((resolve) => setTimeout(resolve, 20));
    // Late: between the two orders that are known already.
    await town.take('web_shop', [
      order('o-2', '2025-02-10T00:00:00Z', li, '200.00'),
      traits('t-2', '2025-02-11T00:00:00Z', li, { city: '杭州' }),
    ]);
    await town.take('call_centre', [call('c-1', '2025-02-20T00:00:00Z', { phone: '13912345678' })]);
    await town.settled();
  });
  afterAll(() => town.end());

  const at = async (query: string): Promise<Profile> =>
    (await town.ask<Profile>(`/v1/customers?phone=13912345678&${query}`)).body;

  test('true at: what had happened by then, late facts in their place', async () => {
    expect((await at('as_of=2025-02-28')).value).toMatchObject({ purchases: 2, net: '300.00' });
    expect((await at('as_of=2025-02-28')).traits).toEqual({ city: '杭州' });
    expect((await at('as_of=2025-01-31')).value).toMatchObject({ purchases: 1, net: '100.00' });
    expect((await at('as_of=2025-01-31')).traits).toEqual({ city: '上海' });
    expect((await town.profile('phone=13912345678')).value).toMatchObject({ purchases: 3, net: '600.00' });
  });

  test('known at: what the platform had been told by then', async () => {
    const then = await at(`known_at=${encodeURIComponent(between)}`);
    expect(then.value).toMatchObject({ purchases: 2, net: '400.00' });
    expect(then.traits).toEqual({ city: '上海' });
    expect(then.interactions.byType).toEqual({});
    expect((await at(`known_at=${encodeURIComponent(between)}&as_of=2025-02-28`)).value).toMatchObject({
      purchases: 1,
      net: '100.00',
    });
  });

  test('nobody was there before the first of it', async () => {
    expect((await town.ask<Refused>('/v1/customers?phone=13912345678&as_of=2024-12-31')).status).toBe(404);
    expect((await town.ask<Refused>('/v1/customers?phone=13912345678&as_of=soon')).body.error).toMatchObject({
      field: 'as_of',
    });
  });

  test('stages are dated when they happened, and a late fact revises them visibly', async () => {
    const { lifecycle, customerId } = await town.profile('phone=13912345678');
    const repeat = lifecycle.history.find(({ to }) => to === 'repeat');
    expect(repeat?.at).toBe('2025-02-10T00:00:00.000Z');
    // Silence is dated, too: when it grew too long, not when somebody noticed.
    expect(lifecycle.history.at(-1)).toMatchObject({ to: 'exit', at: expect.stringMatching(/^2025-/) });
    const { body } = await town.ask<{ entries: { type: string }[] }>(`/v1/customers/${customerId}/timeline?limit=200`);
    expect(body.entries.map(({ type }) => type)).toContain('CourseRevised');
  });
});
