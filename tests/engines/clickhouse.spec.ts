import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EngineError } from '@tributary/kernel';
import {
  digest,
  eraseSubjects,
  factTables,
  loadFacts,
  openChdbWarehouse,
  openClickHouseWarehouse,
  tables,
} from '@tributary/warehouse';
import { recordedIntake, subjectOf } from '../../libs/warehouse/src/controls/recorded-intake.js';
import { freePort } from '../../infra/local/free-port.mjs';

const program = fileURLToPath(new URL('clickhouse-server.mjs', import.meta.url));

/** Lets through what the client asks, and can cut the answer to the next insert. */
const proxy = async (to: number) => {
  let cutting = false;
  const sockets = new Set<Socket>();
  const server: Server = createServer((near) => {
    const far = connect(to, '127.0.0.1');
    sockets.add(near).add(far);
    near.on('data', (bytes) => {
      far.write(bytes);
      if (!cutting || !bytes.includes('INSERT')) return;
      cutting = false;
      // The request is on its way, whole; its answer finds nobody.
      setTimeout(() => near.destroy(), 50);
    });
    far.on('data', (bytes) => near.writable && near.write(bytes));
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.on('end', () => far.end());
    far.on('close', () => near.destroy());
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    cutNextInsert: () => (cutting = true),
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

describe('ClickHouse over HTTP, for writing', () => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-clickhouse-'));
  const intake = recordedIntake(1_800);
  let port: number;
  let server: ChildProcess;
  let through: Awaited<ReturnType<typeof proxy>>;
  let whole: unknown;

  const start = async () => {
    server = spawn(process.execPath, [program, path, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout!, 'data');
  };
  const kill = async () => {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  const url = () => `http://127.0.0.1:${port}`;
  const open = (at = url(), more = {}) => openClickHouseWarehouse({ url: at, ...more });
  const digests = async () => {
    const warehouse = await open();
    const all = await Promise.all(factTables.map(({ name }) => digest(warehouse, name)));
    await warehouse.close();
    return all;
  };
  const load = async (at = url(), more: Partial<Parameters<typeof loadFacts>[0]> = {}) => {
    const warehouse = await open(at, { loads: true });
    const signal = new AbortController().signal;
    await loadFacts({ ...intake, warehouse, once: true, flushRows: 600, signal, ...more }).finally(() =>
      warehouse.close(),
    );
  };

  beforeAll(async () => {
    port = await freePort();
    await start();
    through = await proxy(port);
    // Several programs of one deployment start together.
    const migrators = await Promise.all(Array.from({ length: 4 }, () => open()));
    await Promise.all(migrators.map((one) => one.migrate()));
    await migrators[0]!.migrate();
    await Promise.all(migrators.map((one) => one.close()));
    // What an engine in this process makes of the same input.
    const here = await openChdbWarehouse({ path: `${path}-here` });
    await here.migrate();
    await loadFacts({ ...intake, warehouse: here, once: true, signal: new AbortController().signal });
    whole = await Promise.all(factTables.map(({ name }) => digest(here, name)));
    await here.close();
  });
  afterAll(async () => {
    through.close();
    await kill();
    for (const folder of [path, `${path}-here`]) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    await fetch(`${url()}/delay?ms=0`, { method: 'POST' });
    const warehouse = await open();
    for (const { name } of tables) await warehouse.command(`TRUNCATE TABLE ${name}`);
    await warehouse.close();
  });

  it('loads what chDB loads, and erases', async () => {
    await load();
    expect(await digests()).toEqual(whole);
    const warehouse = await open();
    const [row] = await warehouse.query<{ n: number }>('SELECT count() AS n FROM raw_touchpoints');
    expect(row?.n).toBe(intake.accepted);
    const erased = await eraseSubjects(warehouse, new Map([[subjectOf(3), Number.MAX_SAFE_INTEGER]]));
    expect(erased.removed['raw_touchpoints']).toBeGreaterThan(0);
    await load();
    expect(
      await warehouse.query(`SELECT count() AS n FROM raw_touchpoints WHERE subject_id = '${subjectOf(3)}'`),
    ).toEqual([{ n: 0 }]);
    await warehouse.close();
  });

  it('doubles nothing when answers are lost while the server goes on inserting', async () => {
    const lost: EngineError[] = [];
    await fetch(`${url()}/delay?ms=150`, { method: 'POST' });
    through.cutNextInsert();
    await load(through.url, {
      onRetry: (error) => {
        lost.push(error);
        if (lost.length < 4) through.cutNextInsert();
      },
    });
    expect(lost.map(({ failure }) => failure)).toEqual(['unknown', 'unknown', 'unknown', 'unknown']);
    expect(await digests()).toEqual(whole);
  });

  it('waits for the inserts of an earlier life before it looks how far that one came', async () => {
    await fetch(`${url()}/delay?ms=250`, { method: 'POST' });
    const earlier = await open();
    const stopping = new AbortController();
    const loading = loadFacts({ ...intake, warehouse: earlier, once: true, flushRows: 600, signal: stopping.signal });
    loading.catch(() => undefined);
    await sleep(200);
    // As if its process had died: nobody hears the answer.
    stopping.abort();
    void earlier.close();
    await load();
    await loading.catch(() => undefined);
    expect(await digests()).toEqual(whole);
  });

  it('loses and doubles nothing when the server is killed again and again', async () => {
    let done = false;
    const loading = load(url(), { flushRows: 100 }).finally(() => (done = true));
    for (let round = 0; round < 3 && !done; round++) {
      await sleep(150);
      await kill();
      await start();
    }
    await loading;
    expect(await digests()).toEqual(whole);
  });

  it('lets go of a connection before the server does', async () => {
    const warehouse = await open();
    for (const idle_ms of [0, 2_000, 2_800, 3_100]) {
      await sleep(idle_ms);
      await warehouse.insert({
        table: 'customer_subjects',
        columns: ['subject_id', 'version'],
        rows: [['s_1', idle_ms]],
      });
    }
    await warehouse.close();
  });
});
