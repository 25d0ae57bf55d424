import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tributary } from './command-line.js';
import { RunningPlatform } from './running-platform.js';
import { order } from './touchpoints.js';

/** CloudEvents over HTTP, as a producer sends them, to their effect on a customer. */
describe('CloudEvents', () => {
  let town: RunningPlatform;
  let key: string;
  beforeAll(async () => {
    town = await RunningPlatform.begin();
    key = await town.keyFor('web_shop');
  });
  afterAll(() => town.end());

  const time = '2026-03-01T10:00:00+08:00';
  const eventOf = (id: string, orderId: string, source = '/shop') => {
    const { identifiers, payload } = order(orderId, time, { member_no: 'M1' });
    const data = { identifiers, payload };
    return { specversion: '1.0', id, source, type: 'com.example.order_placed', time, data };
  };
  type Event = ReturnType<typeof eventOf>;

  const send = async (type: string, body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await town.ask<{ accepted: number; quarantined: number; items: { problem: object }[] }>(
      '/v1/cloudevents',
      { headers: { authorization: `Bearer ${key}`, 'content-type': type, ...headers }, body },
    );
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const structured = (event: object) => send('application/cloudevents+json; charset=UTF-8', event);
  const batched = (events: readonly object[]) => send('application/cloudevents-batch+json', events);
  const binary = ({ data, ...attributes }: Event) =>
    send(
      'application/json',
      data,
      Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, encodeURIComponent(value)])),
    );
  const purchases = async (): Promise<number> => {
    await town.settled();
    return (await town.profile('member_no=M1')).value.purchases;
  };

  test('have their effect once, whichever mode repeats them; the same id from another source is another', async () => {
    const first = eventOf('1 – a', 'o-1');
    for (const again of [binary(first), structured(first), batched([first, first])])
      expect(await again).toMatchObject({ quarantined: 0 });
    expect(await purchases()).toBe(1);
    // The order is another, too: an order that is told twice counts once, whatever its message ids.
    expect(await structured(eventOf('1 – a', 'o-2', '/market'))).toMatchObject({ accepted: 1 });
    expect(await purchases()).toBe(2);
    expect(
      await town.sql("SELECT message_id, occurred_at FROM raw_touchpoints WHERE channel = 'web_shop' ORDER BY 1"),
    ).toEqual(
      ['/market', '/shop'].map((source) => ({
        message_id: `${source}#1%20%E2%80%93%20a`,
        occurred_at: '2026-03-01 02:00:00.000',
      })),
    );
  });

  test('that are not understood are told, held and replayed', async () => {
    const before = await purchases();
    const odd = { ...eventOf('3', 'o-3'), type: 'com.example.order.placed' };
    expect(await batched([eventOf('4', 'o-4'), odd])).toMatchObject({
      accepted: 1,
      quarantined: 1,
      items: [{ index: 1, status: 'quarantined', id: '3', problem: { field: 'type', code: 'unknown_type' } }],
    });
    const listed = await tributary(['quarantine', 'list', 'web_shop', '--json'], town.dataDir);
    expect(JSON.parse(listed.out).items).toMatchObject([{ offset: 0, origin: 'http', position: 'cloudevents[1]' }]);
    const refused = await tributary(['quarantine', 'replay', 'web_shop', '0', '--json'], town.dataDir);
    expect(JSON.parse(refused.out)).toMatchObject({ accepted: 0, refused: [{ offset: 0 }] });
    const mended = join(town.dataDir, 'mended.json');
    await writeFile(mended, JSON.stringify({ ...odd, type: 'order_placed' }));
    for (const _ of ['once', 'and again']) {
      const replayed = await tributary(
        ['quarantine', 'replay', 'web_shop', '0', '--with', mended, '--json'],
        town.dataDir,
      );
      expect(JSON.parse(replayed.out)).toMatchObject({ accepted: 1, refused: [] });
    }
    expect(await purchases()).toBe(before + 2);
  });

  test('leave every read model equal to its rebuild', async () => {
    await town.settled();
    const { body } = await town.ask<{ equal: boolean }>('/v1/ops/verify', { body: {} });
    expect(body.equal).toBe(true);
  });
});
