import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tributary } from './command-line.js';
import { RunningPlatform } from './running-platform.js';
import { order } from './touchpoints.js';

/** One purchase of 100.00 through each door, seen wherever a customer is looked at. */
describe('the way of a touchpoint, from each door to profile, timeline, explanation, feed and SQL', () => {
  let town: RunningPlatform;
  let files: string;
  beforeAll(async () => {
    town = await RunningPlatform.begin();
    files = await mkdtemp(join(tmpdir(), 'tributary-files-'));
  });
  afterAll(async () => {
    await town.end();
    await rm(files, { recursive: true, force: true });
  });

  const seenEverywhere = async (query: string, channel: string, messageId: string, currency: string): Promise<void> => {
    await town.settled();
    const profile = await town.profile(query);
    expect(profile.value).toMatchObject({ purchases: 1, gross: '100.00', net: '100.00', currency });
    expect(profile.activity).toMatchObject({ touchpoints: 1, channels: { [channel]: { count: 1 } } });
    expect(profile.lifecycle.buyer?.stage).toEqual(expect.any(String));

    const { body: timeline } = await town.ask<{
      entries: { kind: string; type: string; source: { topic: string } | null; detail: unknown }[];
    }>(`/v1/customers/${profile.customerId}/timeline`);
    const fact = timeline.entries.find(({ kind }) => kind === 'fact');
    expect(fact).toMatchObject({ type: 'order_placed', channel, detail: { amount: '100.00', currency } });
    expect(timeline.entries.some(({ kind, type }) => kind === 'decision' && type === 'CourseAdvanced')).toBe(true);

    const { body: why } = await town.ask<{
      value: unknown;
      rules: string | null;
      steps: { after: unknown; cause: { source: object } }[];
    }>(`/v1/customers/${profile.customerId}/explain?path=value.net`);
    expect(why.value).toBe('100.00');
    expect(why.steps.at(-1)).toMatchObject({
      after: '100.00',
      cause: { type: 'order_placed', source: { topic: `touchpoints.${channel}`, offset: expect.any(Number) } },
    });
    const { body: stage } = await town.ask<{ rules: string | null; steps: { because: object[] }[] }>(
      `/v1/customers/${profile.customerId}/explain?path=lifecycle.buyer.stage`,
    );
    expect(stage.rules).toEqual(expect.any(String));
    expect(stage.steps.at(-1)?.because).toEqual([expect.objectContaining({ type: 'order_placed' })]);

    const mine = await town.feed((events) =>
      events.some(({ type, subject }) => subject === profile.customerId && type === 'tributary.stage.entered.v1'),
    );
    expect(mine.filter(({ subject }) => subject === profile.customerId)[0]).toMatchObject({
      type: 'tributary.profile.updated.v1',
      data: { touchpoints: { order_placed: 1 } },
    });

    expect(
      await town.sql(
        `SELECT type, subject_id FROM raw_touchpoints WHERE channel = '${channel}' AND message_id = '${messageId}'`,
      ),
    ).toEqual([{ type: 'order_placed', subject_id: profile.subjects[0] }]);
    const [customer] = await town.sql<{ customer_id: string }>(
      `SELECT customer_id FROM dim_customer WHERE customer_id = '${profile.customerId}'`,
    );
    expect(customer).toBeDefined();
  };

  test('natively', async () => {
    await town.take('web_shop', [order('native-1', '2026-03-01T10:00:00+08:00', { member_no: 'm100' })]);
    await seenEverywhere('member_no=M100', 'web_shop', 'native-1', 'CNY');
  });

  test('by Segment’s API, with the write key as the Basic user', async () => {
    const key = await town.keyFor('storefront');
    const { status, body } = await town.ask<object>('/v1/track', {
      headers: { authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` },
      body: {
        userId: 'u-100',
        messageId: 'segment-1',
        event: 'Order Completed',
        timestamp: '2026-03-01T10:00:00Z',
        properties: { order_id: 's-1', total: 100, currency: 'EUR', products: [{ product_id: 'p', price: 100 }] },
      },
    });
    expect({ status, body }).toEqual({ status: 200, body: { success: true, accepted: 1, quarantined: 0 } });
    await seenEverywhere('user_id=u-100', 'storefront', 'segment-1', 'EUR');
  });

  test('from a file, through a channel file', async () => {
    const file = join(files, 'retail.csv');
    await writeFile(
      file,
      'InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n' +
        '700001,S1,"A ""red"" lamp, large",2,2011-05-10 12:00:00,30.00,70001,France\n' +
        '700001,S2,Tea,1,2011-05-10 12:00:00,40.00,70001,France\n',
    );
    const first = await tributary(['import', 'online_retail', file, '--json'], town.dataDir);
    expect({ exit: first.exit, ...(JSON.parse(first.out) as object) }).toMatchObject({
      exit: 0,
      rows: 2,
      covered: 2,
      touchpoints: 1,
      new: 1,
    });
    // Once more is nothing more, not even where it is forced.
    for (const more of [[], ['--again']]) {
      const again = await tributary(['import', 'online_retail', file, '--json', ...more], town.dataDir);
      expect({ exit: again.exit, new: (JSON.parse(again.out) as { new: number }).new }).toEqual({ exit: 0, new: 0 });
    }
    const { body: page } = await town.ask<{ customers: { customerId: string; currency: string }[] }>(
      '/v1/customers?limit=50',
    );
    const found = page.customers.find(({ currency }) => currency === 'GBP');
    expect(found).toBeDefined();
    await seenEverywhere(found?.customerId as string, 'online_retail', '700001', 'GBP');
  });

  test('every read model equals its rebuild', async () => {
    await town.settled();
    const { body } = await town.ask<{ equal: boolean; projections: { name: string; equal: boolean }[] }>(
      '/v1/ops/verify',
      { body: {} },
    );
    expect(body.projections.filter(({ equal }) => !equal)).toEqual([]);
    expect(body.equal).toBe(true);
  });
});
