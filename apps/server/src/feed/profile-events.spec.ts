import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { get, type IncomingMessage, request } from 'node:http';
import { type Log } from '@tributary/kernel';
import { PROFILE_EVENTS } from '@tributary/query';
import { bearer, openTestServer, own, type TestServer } from '../testing/test-server.js';

let it: TestServer;
let port: number;
const open: IncomingMessage[] = [];
afterEach(async () => {
  for (const each of open.splice(0)) each.destroy();
  await it.close();
});

const start = async (feed: { subscribers?: number; heartbeat_ms?: number } = {}, log?: (log: Log) => Log) => {
  it = await openTestServer({
    ...(log ? { log } : {}),
    deps: { bind: { host: '127.0.0.1', port: 0 }, feed: { poll_ms: 10, ...feed } },
  });
  port = await it.server.listen();
};
const customer = (n: number) => `c_${String(n).padStart(32, '0')}`;
const publish = (from: number, count: number, type = 'tributary.profile.updated.v1') =>
  it.store.log.append([
    {
      topic: PROFILE_EVENTS,
      records: Array.from({ length: count }, (_, i) => ({
        key: customer(from + i),
        timestamp_ms: 1,
        value: new TextEncoder().encode(
          JSON.stringify({
            id: `e${from + i}`,
            type,
            customerId: customer(from + i),
            at: '2026-01-01T00:00:00.000Z',
            sequence: from + i,
            data: { pad: 'x'.repeat(200) },
          }),
        ),
      })),
    },
  ]);

const connect = (path = '', headers: Record<string, string> = {}): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    get({ port, path: `/v1/profile-events${path}`, headers }, (response) => {
      open.push(response);
      resolve(response);
    }).once('error', reject);
  });

/** For as long as a test may take. */
const until = async (isSo: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 5));
};

interface Seen {
  readonly id: string;
  readonly event: string;
  readonly data: { id: string; subject: string };
}

/** Reads until so many events have come. */
const events = (response: IncomingMessage, count: number): Promise<Seen[]> =>
  new Promise((resolve, reject) => {
    let text = '';
    const seen: Seen[] = [];
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const fields = new Map(
          text
            .slice(0, end)
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        text = text.slice(end + 2);
        const data = fields.get('data');
        if (data !== undefined)
          seen.push({
            id: fields.get('id') ?? '',
            event: fields.get('event') ?? '',
            data: JSON.parse(data) as Seen['data'],
          });
        if (seen.length === count) resolve(seen);
      }
    });
    response.once('error', reject);
    response.once('end', () => reject(new Error(`ended after ${seen.length}`)));
    response.resume();
  });

describe('profile events as server-sent events', () => {
  test('come as CloudEvents, from the end on where nothing is asked', async () => {
    await start();
    await publish(0, 3);
    const response = await connect();
    expect(response.headers['content-type']).toMatch(/^text\/event-stream/);
    const coming = events(response, 1);
    await publish(3, 1);
    const [event] = await coming;
    expect(event).toMatchObject({
      id: '0:3',
      event: 'tributary.profile.updated.v1',
      data: { specversion: '1.0', id: 'e3', subject: customer(3) },
    });
  });

  test('resume behind Last-Event-ID without a gap or a repeat, however often the line breaks', async () => {
    await start();
    await publish(0, 1_000);
    const ids: string[] = [];
    let last = '';
    while (ids.length < 1_000) {
      const response = await connect('?from=beginning', last === '' ? {} : { 'last-event-id': last });
      const some = await events(response, Math.min(137, 1_000 - ids.length));
      response.destroy();
      ids.push(...some.map(({ data }) => data.id));
      last = some[some.length - 1]?.id ?? '';
    }
    expect(ids).toEqual(Array.from({ length: 1_000 }, (_, n) => `e${n}`));
  });

  test('are filtered by type and customer; the position moves on all the same', async () => {
    await start({ heartbeat_ms: 30 });
    const response = await connect(`?types=tributary.tier.entered.v1&customer=${customer(6)}`);
    const lines: string[] = [];
    response.setEncoding('utf8').on('data', (chunk: string) => lines.push(chunk));
    const coming = events(response, 1);
    await publish(0, 5);
    await until(() => lines.join('').includes(': alive\nid: 0:4'));
    await publish(5, 2, 'tributary.tier.entered.v1');
    expect((await coming).map(({ data }) => data.id)).toEqual(['e6']);
  });

  test('a slow reader is paused: nothing piles up for it, and nothing is lost', async () => {
    let reads = 0;
    const counted = (log: Log): Log => ({
      ...log,
      ensureTopics: (topics) => log.ensureTopics(topics),
      append: (appends) => log.append(appends),
      partitions: (topic) => log.partitions(topic),
      read: (...at) => ((reads += 1), log.read(...at)),
    });
    await start({}, counted);
    await publish(0, 40_000);
    const response = await connect('?from=beginning');
    response.pause();
    const settled = async () => {
      for (let before = -1; before !== reads;) {
        before = reads;
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      return reads;
    };
    // What the kernel's buffers hold has been read; then nothing more, until the reader takes it.
    const whenPaused = await settled();
    const seen = await events(response, 40_000);
    expect(seen[39_999]?.data.id).toBe('e39999');
    expect(reads).toBeGreaterThan(whenPaused);
  });

  test('subscribers are bounded, and a place is free again when one leaves', async () => {
    await start({ subscribers: 1 });
    const first = await connect();
    expect((await connect()).statusCode).toBe(429);
    first.destroy();
    await until(async () => (await connect()).statusCode === 200);
  });

  test('who hangs up before the answer takes no place', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const slow = (log: Log): Log => ({
      ...log,
      ensureTopics: (topics) => log.ensureTopics(topics),
      append: (appends) => log.append(appends),
      read: (...at) => log.read(...at),
      partitions: async (topic) => {
        asked += 1;
        await answered;
        return log.partitions(topic);
      },
    });
    await start({ subscribers: 1 }, slow);
    const before = asked;
    const hasty = get({ port, path: '/v1/profile-events' }).once('error', () => undefined);
    await until(() => asked > before);
    hasty.destroy();
    const { server } = it.server.fastify;
    await until(() => new Promise((tell) => server.getConnections((_error, count) => tell(count === 0))));
    answer();
    await until(async () => (await connect()).statusCode === 200);
  });

  test('HEAD is answered at once, and takes no place', async () => {
    await start({ subscribers: 1 });
    for (let i = 0; i < 3; i++) {
      const head = await new Promise<IncomingMessage>((resolve, reject) => {
        request({ port, path: '/v1/profile-events', method: 'HEAD' }, resolve).once('error', reject).end();
      });
      expect(head.headers['content-type']).toMatch(/^text\/event-stream/);
      await new Promise((resolve) => head.once('end', resolve).resume());
    }
    expect((await connect()).statusCode).toBe(200);
  });

  test('where it begins is said at once, so that a line which breaks before the first event loses none', async () => {
    await start();
    await publish(0, 3);
    for (const [path, id] of [
      ['', '0:2'],
      ['?from=-2', '0:0'],
      ['?from=beginning', '0:-1'],
      ['?from=0:1', '0:1'],
    ]) {
      const response = await connect(path);
      const [chunk] = (await once(response, 'data')) as [Buffer];
      expect(chunk.toString()).toMatch(new RegExp(`^retry: 2000\nid: ${id}\n\n`));
    }
  });

  test('a position that is none, or no longer held, is said before the stream begins', async () => {
    await start();
    await publish(0, 10);
    expect(
      (await it.server.fastify.inject({ url: '/v1/profile-events?from=yesterday', headers: own })).statusCode,
    ).toBe(403);
    expect((await connect('?from=yesterday')).statusCode).toBe(400);
    expect((await connect('?types=nonsense')).statusCode).toBe(400);
    expect((await connect('?type=tributary.tier.entered.v1')).statusCode).toBe(400);
    await it.store.log.truncate({ topic: PROFILE_EVENTS, partition: 0 }, 5);
    const begin = (await it.store.log.partitions(PROFILE_EVENTS))[0]?.begin ?? 0;
    if (begin > 0) expect((await connect('', { 'last-event-id': '0:0' })).statusCode).toBe(410);
  });

  test('a position that the feed cannot have given out is refused with the reason; one at its very end is not', async () => {
    await start();
    const refused = async (path: string, last?: string) => {
      const response = await connect(path, last === undefined ? {} : { 'last-event-id': last });
      expect(response.statusCode).toBe(400);
      let text = '';
      for await (const chunk of response) text += String(chunk);
      return (JSON.parse(text) as { error: { code: string; field: string; message: string; remedy: string } }).error;
    };
    expect((await connect('', { 'last-event-id': '0:-1' })).statusCode).toBe(200);
    await publish(0, 3);
    for (const last of ['0:3', '0:999999', '9:1'])
      expect(await refused('', last)).toMatchObject({
        code: 'position_not_of_feed',
        field: 'Last-Event-ID',
        remedy: expect.stringContaining('0:2'),
      });
    expect(await refused('?from=0:3')).toMatchObject({ code: 'position_not_of_feed', field: 'from' });
    for (const from of ['-1001', '-99999', '-99999999999999999999'])
      expect((await refused(`?from=${from}`)).remedy).toContain('-1 to -1000');
    expect((await connect('?from=-1000')).statusCode).toBe(200);
    const response = await connect('', { 'last-event-id': '0:2' });
    const coming = events(response, 1);
    await publish(3, 1);
    expect((await coming)[0]?.id).toBe('0:3');
  });

  test('a key that is revoked ends the streams that it opened, and no other', async () => {
    await start();
    const { key, info } = await it.keys.create({ kind: 'role', role: 'read' });
    const [revoked, kept] = [await connect('', bearer(key)), await connect('', bearer(it.read))];
    await it.keys.revoke(info.id);
    await once(revoked.resume(), 'end');
    await publish(1, 1);
    expect(await events(kept, 1)).toHaveLength(1);
  });

  test('the server’s end ends every stream', async () => {
    await start();
    const response = await connect();
    const ended = new Promise((resolve) => response.once('end', resolve));
    response.resume();
    await it.server.close();
    await ended;
  });
});
