import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ownSqlDoor } from '../controls/sql-door.js';
import { sqlListener } from './sql-listener.js';

const door = ownSqlDoor();

describe('questions under way', () => {
  describe('a question is ended by who asked it', () => {
    const sql = 'SELECT sum(cityHash64(number, 7)) FROM system.numbers';
    const running = async (count: number): Promise<void> => {
      const asked = `SELECT count() AS n FROM system.processes WHERE query LIKE '%number, 7%' AND query NOT LIKE '%processes%'`;
      for (;;) {
        const [row] = await door.warehouse.query<{ n: number }>(asked);
        if (row?.n === count) return;
        await nextTurn();
      }
    };

    // Recorded of clickhouse-jdbc 0.9.4, whose `Statement.cancel()` DBeaver and Metabase call.
    test('as JDBC asks: KILL QUERY WHERE query_id', async () => {
      const asked = door.ask(sql, { query_id: '7c0e-1' });
      await running(1);
      const told = await door.ask("KILL QUERY WHERE query_id = '7c0e-1'", { default_format: 'JSONEachRow' });
      expect(JSON.parse(told.text)).toEqual({ kill_status: 'waiting', query_id: '7c0e-1', user: 'default', query: '' });
      expect(await asked).toMatchObject({ status: 500, code: 394 });
      await running(0);
      expect(await door.ask("/* x */ kill query where query_id='7c0e-1' sync;")).toMatchObject({
        status: 200,
        text: '',
      });
    });

    test('and by nobody else', async () => {
      const asked = door.ask(sql, { query_id: '7c0e-2', user: 'ana', password: 'key:1' });
      await running(1);
      const ending = "KILL QUERY WHERE query_id = '7c0e-2'";
      expect(await door.ask(ending)).toMatchObject({ status: 200, text: '' });
      await running(1);
      expect((await door.ask(ending, { user: 'ana', password: 'key:1' })).text).toMatch(/^waiting\t7c0e-2\tana\t\n$/);
      expect(await asked).toMatchObject({ code: 394 });
    });

    test.each([
      "KILL QUERY WHERE user = 'ana'",
      "KILL QUERY WHERE query_id = 'a' OR 1",
      "KILL QUERY WHERE query_id != 'a'",
      "KILL QUERY ON CLUSTER c WHERE query_id = 'a'",
      "KILL MUTATION WHERE query_id = 'a'",
    ])('%s is refused', async (other) => {
      expect(await door.ask(other)).toMatchObject({ code: 164 });
    });
  });

  test('a client that leaves stops its question, and not the others', async () => {
    const forEver = {
      format: 'TSV',
      settings: {},
      params: {},
      sql: 'SELECT sum(cityHash64(number)) FROM system.numbers',
    };
    const leaving = new AbortController();
    const left = [true, false].map(async (streamable) => {
      for await (const { bytes } of door.warehouse.ask({ ...forEver, streamable }, leaving.signal))
        throw new Error(`${bytes}`);
    });
    const running = async () => {
      const [row] = await door.warehouse.query<{ n: number }>(
        "SELECT count() AS n FROM system.processes WHERE query LIKE '%cityHash64(number)%' AND query NOT LIKE '%processes%'",
      );
      return row?.n;
    };
    while ((await running()) !== 2) await nextTurn();
    leaving.abort();
    await Promise.all(left);
    // Those two were all that may be answered at once.
    expect((await door.ask('SELECT 1')).text).toBe('1\n');
    while ((await running()) !== 0) await nextTurn();
  });

  test('as many questions as it may have under way are answered, and no more', async () => {
    const { warehouse } = door;
    const narrow = await sqlListener({ warehouse, host: '127.0.0.1', port: 0, authorize: () => true, maxRequests: 2 });
    const ask = async (sql: string): Promise<number> => {
      const answer = await fetch(`http://127.0.0.1:${narrow.port}/`, { method: 'POST', body: sql });
      // Until it has ended it is under way.
      await answer.text();
      return answer.status;
    };
    try {
      const slow = 'SELECT sleep(1)';
      expect((await Promise.all([ask(slow), ask(slow), ask(slow)])).sort()).toEqual([200, 200, 503]);
      expect(await ask('SELECT 1')).toBe(200);
    } finally {
      await narrow.close();
    }
  });

  test('whoever hangs up has left', async () => {
    const before = door.answered.length;
    const leaving = new AbortController();
    const asked = [1, 2].map(() =>
      fetch(door.url, { method: 'POST', body: 'SELECT sum(number) FROM system.numbers', signal: leaving.signal }),
    );
    setTimeout(() => leaving.abort(), 100);
    for (const one of asked) await expect(one).rejects.toThrow(/abort/);
    expect((await door.ask('SELECT 1')).text).toBe('1\n');
    expect(door.answered.slice(before).map(({ code }) => code)).not.toContain(159);
  });
});
