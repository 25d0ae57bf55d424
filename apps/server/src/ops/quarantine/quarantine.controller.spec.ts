import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { basic, json, openTestServer, own, type TestServer } from '../../testing/test-server.js';
import { SettledItems } from './settled-items.js';

let it: TestServer;
beforeEach(async () => {
  it = await openTestServer();
});
afterEach(() => it.close());

const hold = (count: number) =>
  it.server.fastify.inject({
    method: 'POST',
    url: '/v1/quarantine?channel=web_shop',
    payload: JSON.stringify({
      items: Array.from({ length: count }, (_, line) => ({
        reason: { code: 'row_not_understood', field: '', found: 'x', expected: '', remedy: '' },
        position: `a.csv:${line}`,
        bytes: Buffer.from(`row ${line}`).toString('base64'),
      })),
    }),
    headers: { ...own, ...json, ...basic(it.write) },
  });

const settle = (body: object, key = it.admin) =>
  it.server.fastify.inject({
    method: 'POST',
    url: '/v1/quarantine/settle',
    payload: JSON.stringify(body),
    headers: { ...own, ...json, ...basic(key) },
  });

const get = async (query = '') => {
  const answer = await it.server.fastify.inject({ url: `/v1/quarantine${query}`, headers: own });
  return answer.json<{
    readonly channels?: readonly { channel: string; held: number }[];
    readonly items: readonly { offset: number; settled?: string }[];
    readonly next: string | null;
    readonly error?: { readonly code: string; readonly field: string };
  }>();
};
const offsets = async (query: string) => (await get(query)).items.map(({ offset }) => offset);

describe('items that wait no longer', () => {
  test('leave the list and the count, and can be seen with what became of them', async () => {
    await hold(5);
    const replayed = await settle({ channel: 'web_shop', offsets: [1, 2], as: 'replayed' });
    expect(replayed.json()).toEqual({ channel: 'web_shop', settled: 2, before: 0 });
    const discarded = await settle({ channel: 'web_shop', offsets: [2, 4, 4], as: 'discarded', reason: 'a test' });
    expect(discarded.json()).toEqual({ channel: 'web_shop', settled: 1, before: 1 });

    expect(await offsets('?channel=web_shop')).toEqual([0, 3]);
    expect((await get()).channels).toContainEqual({ channel: 'web_shop', held: 2 });
    expect(
      (await get('?channel=web_shop&state=settled')).items.map(({ offset, settled }) => [offset, settled]),
    ).toEqual([
      [1, 'replayed'],
      [2, 'replayed'],
      [4, 'discarded'],
    ]);
    expect(await offsets('?channel=web_shop&state=all')).toEqual([0, 1, 2, 3, 4]);
  });

  test('that were discarded and are replayed later are replayed', async () => {
    await hold(1);
    await settle({ channel: 'web_shop', offsets: [0], as: 'discarded', reason: 'not wanted' });
    expect((await settle({ channel: 'web_shop', offsets: [0], as: 'replayed' })).json()).toMatchObject({ settled: 1 });
    expect((await get('?channel=web_shop&state=settled')).items[0]).toMatchObject({ offset: 0, settled: 'replayed' });
  });

  test('are skipped by pages, which end where nothing wanted follows', async () => {
    await hold(1_000);
    const most = Array.from({ length: 995 }, (_, i) => i + 2);
    await settle({ channel: 'web_shop', offsets: most, as: 'replayed' });
    const first = await get('?channel=web_shop&limit=3');
    expect(first).toMatchObject({ items: [{ offset: 0 }, { offset: 1 }, { offset: 997 }], next: '997' });
    const second = await get(`?channel=web_shop&limit=3&after=${first.next}`);
    expect(second).toMatchObject({ items: [{ offset: 998 }, { offset: 999 }], next: null });
    expect(await get('?channel=web_shop&state=settled&after=996')).toMatchObject({ items: [], next: null });
  });

  test('stay settled for a server that begins anew, and are counted without what the retention took', async () => {
    await hold(4);
    await settle({ channel: 'web_shop', offsets: [0, 3], as: 'replayed' });
    await it.store.log.truncate({ topic: 'quarantine.web_shop', partition: 0 }, 2);
    expect(await new SettledItems(it.store.log).counts(['web_shop', 'app'])).toEqual([
      { ever: 4, held: 1 },
      { ever: 0, held: 0 },
    ]);
    expect(await offsets('?channel=web_shop')).toEqual([2]);
  });

  test('are read once in a process: the server counts by what it is given', async () => {
    await it.close();
    const settled = new SettledItems({
      partitions: async () => [],
      read: async () => [],
      append: async () => undefined,
    });
    settled.counts = async (channels) => channels.map((_, i) => ({ ever: 9, held: i + 1 }));
    it = await openTestServer({ deps: { settled } });
    expect((await get()).channels).toEqual([
      { channel: 'app', held: 1 },
      { channel: 'web_shop', held: 2 },
    ]);
  });

  test.each([
    [{ channel: 'web_shop', offsets: [0, 9], as: 'replayed' }, 404, 'offsets[1]'],
    [{ channel: 'app', offsets: [0], as: 'replayed' }, 404, 'offsets[0]'],
    [{ channel: 'web_shop', offsets: [], as: 'replayed' }, 400, 'offsets'],
    [{ channel: 'web_shop', offsets: [0, '1'], as: 'replayed' }, 400, 'offsets[1]'],
    [{ channel: 'web_shop', offsets: [0], as: 'mended' }, 400, 'as'],
    [{ channel: 'web_shop', offsets: [0], as: 'discarded' }, 400, 'reason'],
    [{ channel: '../x', offsets: [0], as: 'replayed' }, 400, 'channel'],
    [[], 400, 'body'],
  ])('are not those of %j', async (body, status, field) => {
    await hold(2);
    const answer = await settle(body);
    expect([answer.statusCode, answer.json<{ error: { field: string } }>().error.field]).toEqual([status, field]);
    expect((await get()).channels).toContainEqual({ channel: 'web_shop', held: 2 });
  });

  test('are settled by admins alone', async () => {
    await hold(1);
    expect((await settle({ channel: 'web_shop', offsets: [0], as: 'replayed' }, it.read)).statusCode).toBe(403);
    expect((await settle({ channel: 'web_shop', offsets: [0], as: 'replayed' }, it.write)).statusCode).toBe(403);
  });

  test('a misspelt channel is not answered with nothing held', async () => {
    expect((await get('?channel=web_shp')).error).toMatchObject({
      code: 'unknown_channel',
      field: 'channel',
      remedy: expect.stringMatching(/web_shop/),
    });
    expect((await get('?channel=web_shop')).items).toEqual([]);
  });

  test('a misspelt parameter is not answered with everything', async () => {
    expect((await get('?channel=web_shop&status=settled')).error).toMatchObject({ code: 'unknown_parameter' });
    expect((await get('?channel=web_shop&state=mended')).error).toMatchObject({ field: 'state' });
  });
});
