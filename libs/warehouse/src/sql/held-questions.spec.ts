import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { type HeldQuestion } from '../chdb/protocol.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { sqlListener, type SqlListener } from './sql-listener.js';

let warehouse: ChdbWarehouse;
let listener: SqlListener;
let held: readonly HeldQuestion[] = [];
let placesLeft = 2;
const told: (readonly HeldQuestion[])[] = [];

// An engine that has such a question cannot be closed.
afterAll(async () => {
  await until(() => held.length === 0);
  await listener.close();
});
ownWarehouse((opened) => (warehouse = opened), {
  heldAfter_ms: 700,
  onHeld: (now, left) => {
    held = now;
    placesLeft = left;
    told.push(now);
  },
});
beforeAll(async () => {
  listener = await sqlListener({
    warehouse,
    host: '127.0.0.1',
    port: 0,
    authorize: ({ user }) => user === 'default' || user,
    limits: { maxExecution_s: 0.5 },
  });
});

/** As a key of this name; nothing of an answer is awaited longer than a few seconds. */
const ask = async (user: string, sql: string, query: Record<string, string> = {}) => {
  const asked = new URLSearchParams({ user, ...query }).toString();
  const answer = await fetch(`http://127.0.0.1:${listener.port}/?${asked}`, { method: 'POST', body: sql });
  const { status, headers } = answer;
  return { status, text: await answer.text(), code: headers.get('x-clickhouse-exception-code'), headers };
};

/**
 * What is nothing to the engine. Limits are short here: a machine that has much else to do may miss them with that, too, which
 * says nothing of places.
 */
const askLittle = async (user: string, sql: string) => {
  for (;;) {
    const answer = await ask(user, sql);
    if (answer.status !== 408) return answer;
    const name = user === 'default' ? undefined : user;
    await until(() => held.every(({ asker }) => asker !== name));
  }
};

/** One call on one value after the other in one block, each of half a second on an idle core: two seconds past the limit. */
const unending =
  "SELECT arraySum(arrayMap(x -> editDistance(repeat('ab', 10000), concat(repeat('ba', 10000), toString(x))), range(6)))";
/** What is constant is computed while the stream is begun; of a format that is not streamed, on a thread of libuv's. */
const formats = ['TabSeparated', 'JSON'];

const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await sleep(50);
};

const isUnderWay = async (which: string): Promise<void> => {
  for (;;) {
    const found = await warehouse.query(
      `SELECT query_id FROM system.processes WHERE ${which} AND query NOT LIKE '%processes%'`,
    );
    if (found.length > 0) return;
    await sleep(20);
  }
};

beforeEach(async () => {
  await until(() => held.length === 0);
  told.length = 0;
});

describe('a question that the engine cannot end', () => {
  test.each(formats)('keeps nobody but who asked it (%s)', async (format) => {
    const first = await ask('ann', unending, { query_id: `slow-${format}`, default_format: format });
    expect(first).toMatchObject({
      status: 408,
      code: '159',
      text: expect.stringMatching(/cannot end this question/),
    });
    expect(held).toEqual([{ queryId: `slow-${format}`, asker: 'ann' }]);

    const again = await ask('ann', 'SELECT 1');
    expect(again).toMatchObject({ status: 503, code: '439' });
    expect(again.text).toMatch(`Your question slow-${format} is past its limit`);
    expect(again.headers.get('retry-after')).toBe('60');

    // Its place is made up for: two more are answered at once.
    expect(placesLeft).toBe(2);
    const both = await Promise.all(['bob', 'default'].map((user) => askLittle(user, 'SELECT sleep(0.1)')));
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(held).toHaveLength(1);

    await until(() => held.length === 0);
    expect((await askLittle('ann', 'SELECT 1')).text).toBe('1\n');
  });

  test('is taken as one, too, when whoever asked it has left', async () => {
    const leaving = new AbortController();
    const url = `http://127.0.0.1:${listener.port}/?user=ann&query_id=left`;
    const asked = fetch(url, { method: 'POST', body: unending, signal: leaving.signal });
    const left = expect(asked).rejects.toThrow(/abort/);
    // Before the engine has it, it is no question of its.
    await isUnderWay("query LIKE '%editDistance%'");
    leaving.abort();
    await left;
    await until(() => held.length === 1);
    expect((await ask('ann', 'SELECT 1')).status).toBe(503);
    await until(() => held.length === 0);
  });

  test('holds up neither the platform nor its loader', async () => {
    const asked = ask('ann', unending);
    await isUnderWay("query LIKE '%editDistance%'");
    await warehouse.insert({ table: 'customer_subjects', columns: ['subject_id'], rows: [['beside']] });
    expect(await warehouse.query("SELECT count() AS n FROM customer_subjects WHERE subject_id = 'beside'")).toEqual([
      { n: 1 },
    ]);
    // It has not ended by then; on a slow machine it may be past its limit.
    expect(held.length).toBe(told.length);
    expect((await asked).status).toBe(408);
    await until(() => held.length === 0);
  });

  test('of those without a key leave a place to those with one', async () => {
    const asked = [1, 2, 3, 4, 5].map(() => ask('default', unending));
    const all = await Promise.all(asked);
    expect(all.filter(({ status }) => status === 408).length).toBeLessThan(4);
    const before = held.map(({ queryId }) => queryId);
    if (before.length >= 2) {
      const { status, text } = await ask('default', 'SELECT 1');
      // They may have ended just before it came.
      if (held.filter(({ queryId }) => before.includes(queryId)).length >= 2)
        expect([status, text]).toEqual([503, expect.stringMatching(/asked without a key/)]);
      expect((await askLittle('ann', 'SELECT 1')).text).toBe('1\n');
      expect((await askLittle('ann', "KILL QUERY WHERE query_id = 'none'")).status).toBe(200);
    }
    await until(() => held.length === 0);
    expect((await askLittle('default', 'SELECT 1')).text).toBe('1\n');
  }, 240_000);

  test('four of them hold all places: whoever waits or comes is told so, until they have ended', async () => {
    const asked = ['ann', 'bob', 'cas', 'dan'].map((user) => ask(user, unending));
    const waiting = [1, 2].map(() => ask('eve', 'SELECT 1'));
    for (const one of await Promise.all(asked)) expect(one).toMatchObject({ status: 408, code: '159' });
    expect(told.map((now) => now.length).slice(0, 4)).toEqual([1, 2, 3, 4]);
    for (const one of await Promise.all(waiting)) expect(one).toMatchObject({ status: 503, code: '439' });
    if (placesLeft === 0) {
      const { status, text } = await ask('eve', 'SELECT 1');
      // One of them may have ended just before it came.
      if (placesLeft === 0)
        expect([status, text]).toEqual([503, expect.stringMatching(/All places are held by 4 questions/)]);
    }
    await until(() => held.length === 0);
    expect(placesLeft).toBe(2);
    expect((await askLittle('eve', 'SELECT 1')).text).toBe('1\n');
  }, 240_000);
});
