import { afterEach, describe, expect, test } from '@jest/globals';
import { type Log, type LogAppend, StoreFull } from '@tributary/kernel';
import { basic, json, openTestServer, own, type TestOptions, type TestServer } from '../testing/test-server.js';

let it: TestServer;
afterEach(() => it.close());

const QUARANTINE = 'quarantine.web_shop';

/** A log of which appends to the quarantine first wait for this. */
const appendingAfter = (wait: () => Promise<void>): TestOptions => ({
  log: (log): Log =>
    new Proxy(log, {
      get: (target, name) => {
        if (name === 'append')
          return async (appends: readonly LogAppend[]) => {
            if (appends.some(({ topic }) => topic === QUARANTINE)) await wait();
            return target.append(appends);
          };
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === 'function' ? (member.bind(target) as unknown) : member;
      },
    }),
});

const post = (...lines: number[]) =>
  it.server.fastify.inject({
    method: 'POST',
    url: '/v1/quarantine?channel=web_shop',
    payload: JSON.stringify({
      items: lines.map((line) => ({
        reason: { code: 'row_not_understood', field: '', found: 'x', expected: '', remedy: '' },
        position: `a.csv:${line}`,
        bytes: Buffer.from(`row ${line}`).toString('base64'),
      })),
    }),
    headers: { ...own, ...json, ...basic(it.write) },
  });

const held = async (): Promise<readonly string[]> => {
  const [range] = await it.store.log.partitions(QUARANTINE);
  if (range === undefined) return [];
  const records = await it.store.log.read({ topic: QUARANTINE, partition: 0 }, 0, 100);
  return records.map(({ value }) => (JSON.parse(new TextDecoder().decode(value)) as { position: string }).position);
};

describe('what a file’s rows held', () => {
  test('is held once, however often it is sent', async () => {
    it = await openTestServer();
    expect((await post(1, 2, 2)).json()).toEqual({ accepted: 3, known: 1 });
    expect((await post(2, 3)).json()).toEqual({ accepted: 2, known: 1 });
    expect(await held()).toEqual(['a.csv:1', 'a.csv:2', 'a.csv:3']);
  });

  test('is held once by two imports at once, and both hear of it when it is durable', async () => {
    let acknowledge = () => {};
    const acknowledged = new Promise<void>((resolve) => (acknowledge = resolve));
    it = await openTestServer(appendingAfter(() => acknowledged));
    const answered: string[] = [];
    const [first, second] = [post(1, 2), post(1, 2)].map((answer, i) =>
      answer.then((a) => (answered.push(String(i)), a)),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toEqual([]);
    acknowledge();
    expect([(await first)?.json(), (await second)?.json()].map(({ known }) => known).sort()).toEqual([0, 2]);
    expect(await held()).toEqual(['a.csv:1', 'a.csv:2']);
  });

  test('that could not be kept is not taken for known', async () => {
    let isFull = true;
    it = await openTestServer(
      appendingAfter(async () => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (isFull) throw new StoreFull('full');
      }),
    );
    const codes = (await Promise.all([post(1), post(1)])).map(({ statusCode }) => statusCode);
    expect(codes.every((code) => code === 503)).toBe(true);
    isFull = false;
    expect((await post(1)).json()).toEqual({ accepted: 1, known: 0 });
    expect(await held()).toEqual(['a.csv:1']);
  });
});
