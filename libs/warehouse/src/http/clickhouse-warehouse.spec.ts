import { createServer, type IncomingMessage } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { EngineError, type Warehouse } from '@tributary/kernel';
import { type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { sqlListener, type SqlListener } from '../sql/sql-listener.js';
import { StatementFailed } from '../warehouse-errors.js';
import { parseClickHouseUrl } from './clickhouse-url.js';
import { openClickHouseWarehouse } from './clickhouse-warehouse.js';

describe('ClickHouse over HTTP', () => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-http-'));
  let chdb: ChdbWarehouse;
  let listener: SqlListener;
  let warehouse: Warehouse;

  beforeAll(async () => {
    chdb = await openChdbWarehouse({ path });
    await chdb.migrate();
    listener = await sqlListener({ warehouse: chdb, host: '127.0.0.1', port: 0, authorize: () => true });
    warehouse = await openClickHouseWarehouse({ url: `http://127.0.0.1:${listener.port}` });
  });
  afterAll(async () => {
    await warehouse.close();
    await listener.close();
    await chdb.close();
    rmSync(path, { recursive: true, force: true });
  });

  test('asks as chDB is asked', async () => {
    const sql =
      'SELECT {text:String} AS text, {list:Array(String)} AS list, toUInt64(7) AS n, toDecimal64(1.5, 4) AS d';
    const options = { params: { text: "it's\n茶", list: ["a'", 'b'] } };
    expect(await warehouse.query(sql, options)).toEqual([{ text: "it's\n茶", list: ["a'", 'b'], n: 7, d: '1.5' }]);
    expect(await chdb.query(sql, options)).toEqual(await warehouse.query(sql, options));
    expect(await warehouse.query('SELECT 1 AS a', { format: 'CSVWithNames' })).toEqual(['"a"\n1\n']);
  });

  test('tells failures as chDB does', async () => {
    const error = await warehouse.query('SELECT nope').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StatementFailed);
    expect(error).toMatchObject({ engine: 'clickhouse', failure: 'fatal', code: 47, type: 'UNKNOWN_IDENTIFIER' });
  });

  test('inserts RowBinary, in one block', async () => {
    let got: { url: string; body: Buffer } | undefined;
    const server = createServer((request: IncomingMessage, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        got = { url: request.url ?? '', body: Buffer.concat(parts) };
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const direct = await openClickHouseWarehouse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    await direct.insert({ table: 'customer_subjects', columns: ['subject_id', 'version'], rows: [['s\n\n', 0x0a0a]] });
    await direct.close();
    await new Promise((resolve) => server.close(resolve));
    const url = new URL(got?.url ?? '', 'http://x');
    expect(url.searchParams.get('query')?.trim()).toBe(
      'INSERT INTO customer_subjects (subject_id, version) FORMAT RowBinary',
    );
    expect(url.searchParams.get('max_insert_threads')).toBe('1');
    expect(got?.body.toString('hex')).toBe('03730a0a' + '0a0a000000000000');
  });

  test('an insert is sent once; what was lost is ended before anything else is asked, and idle connections go first', async () => {
    const asked: string[] = [];
    let connections = 0;
    const server = createServer((request: IncomingMessage, response) => {
      const url = new URL(request.url ?? '', 'http://x');
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const sql = `${url.searchParams.get('query') ?? ''} ${Buffer.concat(parts).toString()}`.trim();
        asked.push(/^\w+/.exec(sql)?.[0] ?? '');
        if (sql.startsWith('INSERT')) response.destroy();
        else response.end();
      });
    });
    server.on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const direct = await openClickHouseWarehouse({ url, keepAlive_ms: 100 });
    const batch = { table: 'customer_subjects', columns: ['version'], rows: [[1]] };
    await expect(direct.insert(batch)).rejects.toMatchObject({ failure: 'unknown' });
    await expect(direct.insert(batch)).rejects.toMatchObject({ failure: 'unknown' });
    await direct.query('SELECT 1');
    expect(asked).toEqual(['INSERT', 'KILL', 'INSERT', 'KILL', 'SELECT']);
    const before = connections;
    await direct.query('SELECT 1');
    expect(connections).toBe(before);
    await new Promise((resolve) => setTimeout(resolve, 150));
    await direct.query('SELECT 1');
    expect(connections).toBe(before + 1);
    await direct.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('an insert that the server begins only after its answer was given up is ended all the same', async () => {
    const running = new Set<string>();
    let rows = 0;
    const begin = (id: string): void => {
      running.add(id);
      setTimeout(() => running.delete(id) && rows++, 2_000).unref();
    };
    const server = createServer((request: IncomingMessage, response) => {
      const { searchParams } = new URL(request.url ?? '', 'http://x');
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        if (searchParams.get('query')?.startsWith('INSERT')) {
          response.destroy();
          return setTimeout(begin, 300, searchParams.get('query_id') ?? '');
        }
        const killed = searchParams.get('param_id');
        if (killed !== null) running.delete(killed);
        return response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const direct = await openClickHouseWarehouse({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
    const batch = { table: 'customer_subjects', columns: ['version'], rows: [[1]] };
    await expect(direct.insert(batch)).rejects.toMatchObject({ failure: 'unknown' });
    await direct.query('SELECT count() FROM customer_subjects');
    await direct.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(rows).toBe(0);
  });

  /** A server that keeps what it is asked, and answers what it is told to. */
  const asked = async (
    answer: (sql: string) => { readonly status: number; readonly body: string } | undefined,
    use: (url: string) => Promise<void>,
  ): Promise<readonly { readonly sql: string; readonly settings: URLSearchParams }[]> => {
    const kept: { sql: string; settings: URLSearchParams }[] = [];
    const server = createServer((request: IncomingMessage, response) => {
      const settings = new URL(request.url ?? '', 'http://x').searchParams;
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => {
        const sql = `${settings.get('query') ?? ''} ${Buffer.concat(parts).toString()}`.trim();
        kept.push({ sql, settings });
        const { status, body } = answer(sql) ?? { status: 200, body: '' };
        response.writeHead(status).end(body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    return kept;
  };

  test('few rows of its own, too, are written when the statement is answered, whatever the server gathers', async () => {
    const [insert] = await asked(
      () => undefined,
      async (url) => {
        const direct = await openClickHouseWarehouse({ url });
        await direct.command("INSERT INTO erasing_1 VALUES ('s_1', 7)");
        await direct.close();
      },
    );
    expect(insert?.settings.get('async_insert')).toBe('0');
  });

  test.each([
    '201 QUOTA_EXCEEDED',
    '692 TOO_MANY_MUTATIONS',
    '696 ASYNC_LOAD_CANCELED',
    '700 USER_SESSION_LIMIT_EXCEEDED',
  ])('what passes (%s) is to be asked again', async (refusal) => {
    const [code, type] = refusal.split(' ');
    const body = `Code: ${code}. DB::Exception: not now. (${type})`;
    await asked(
      () => ({ status: 500, body }),
      async (url) => {
        const direct = await openClickHouseWarehouse({ url });
        await expect(direct.query('SELECT 1')).rejects.toMatchObject({ failure: 'retriable', type });
        await direct.close();
      },
    );
  });

  test('of a cluster that a replica of is away, the server gives up before the client does, and the replica is named', async () => {
    const lines = [
      { host: 'ch1', port: 9000, status: 0, error: '', num_hosts_remaining: 1, num_hosts_active: 0 },
      { host: 'ch2', port: 9000, status: null, error: null, num_hosts_remaining: 1, num_hosts_active: 0 },
    ];
    const body = (count: number) =>
      lines
        .slice(0, count)
        .map((line) => `${JSON.stringify(line)}\n`)
        .join('');
    let answering = 2;
    const all = await asked(
      () => ({ status: 200, body: body(answering) }),
      async (url) => {
        const direct = await openClickHouseWarehouse({ url, cluster: 'ours', requestTimeout_ms: 30_000 });
        await expect(direct.migrate()).rejects.toMatchObject({
          failure: 'retriable',
          message: expect.stringMatching(/have not answered.*: ch2:9000\./),
        });
        await expect(direct.command('DROP TABLE t ON CLUSTER ours')).rejects.toMatchObject({ failure: 'retriable' });
        answering = 1;
        await direct.command('DROP TABLE t ON CLUSTER ours');
        answering = 0;
        await direct.command('INSERT INTO t VALUES (1)');
        await direct.close();
      },
    );
    expect(all[0]?.sql).toBe('CREATE DATABASE IF NOT EXISTS tributary ON CLUSTER `ours`');
    for (const { settings } of all) {
      expect(settings.get('distributed_ddl_task_timeout')).toBe('15');
      expect(settings.get('distributed_ddl_output_mode')).toBe('null_status_on_timeout');
    }
  });

  describe('a user who may not make databases', () => {
    const denied = { status: 403, body: 'Code: 497. DB::Exception: me: Not enough privileges. (ACCESS_DENIED)' };
    const missing = {
      status: 404,
      body: 'Code: 81. DB::Exception: Database tributary does not exist. (UNKNOWN_DATABASE)',
    };

    test('makes the tables in the one that is there', async () => {
      const all = await asked(
        (sql) => (sql.startsWith('CREATE DATABASE') ? denied : undefined),
        async (url) => {
          const direct = await openClickHouseWarehouse({ url });
          await direct.migrate();
          await direct.close();
        },
      );
      expect(all.map(({ sql }) => sql)).toContainEqual(expect.stringContaining('CREATE TABLE IF NOT EXISTS customers'));
    });

    test('is told that he may not, where there is none', async () => {
      await asked(
        (sql) => (sql.startsWith('CREATE DATABASE') ? denied : missing),
        async (url) => {
          const direct = await openClickHouseWarehouse({ url });
          await expect(direct.migrate()).rejects.toMatchObject({ failure: 'fatal', type: 'ACCESS_DENIED' });
          await direct.close();
        },
      );
    });
  });

  test('is named by its URL', () => {
    expect(parseClickHouseUrl('https://me:p%40ss@house:8443/facts?cluster=ours')).toEqual({
      url: 'https://house:8443',
      username: 'me',
      password: 'p@ss',
      database: 'facts',
      cluster: 'ours',
    });
    expect(parseClickHouseUrl('http://house:8123')).toEqual({ url: 'http://house:8123' });
    for (const wrong of ['house', 'tcp://house', 'http://me:hunter2@house/a-b', 'http://me:hunter2@house/?clster=x'])
      expect(() => parseClickHouseUrl(wrong)).toThrow(
        expect.objectContaining({ failure: 'fatal', message: expect.not.stringContaining('hunter2') }),
      );
  });

  test('a server that is away is to be asked again', async () => {
    const away = await openClickHouseWarehouse({ url: 'http://127.0.0.1:1' });
    const error = await away.query('SELECT 1').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(EngineError);
    expect(error).toMatchObject({ failure: 'retriable' });
    await expect(away.insert({ table: 'customer_subjects', columns: ['version'], rows: [[1]] })).rejects.toMatchObject({
      failure: 'unknown',
    });
    await away.close();
  });
});
