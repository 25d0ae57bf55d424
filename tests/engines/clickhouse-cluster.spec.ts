import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Warehouse } from '@tributary/kernel';
import {
  digest,
  eraseSubjects,
  factTables,
  loadFacts,
  openClickHouseWarehouse,
  rebuild,
  views,
} from '@tributary/warehouse';
import { recordedIntake, subjectOf } from '../../libs/warehouse/src/controls/recorded-intake.js';
import { freePort } from '../../infra/local/free-port.mjs';

const program = fileURLToPath(new URL('clickhouse-server.mjs', import.meta.url));

describe('a ClickHouse cluster of one shard', () => {
  const path = mkdtempSync(join(tmpdir(), 'tributary-cluster-'));
  const intake = recordedIntake(1_800);
  let server: ChildProcess;
  let warehouse: Warehouse;

  beforeAll(async () => {
    const port = await freePort();
    server = spawn(process.execPath, [program, path, String(port), 'ours'], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(server.stdout!, 'data');
    const url = `http://127.0.0.1:${port}?cluster=ours`;
    warehouse = await openClickHouseWarehouse({ url, loads: true });
    await warehouse.migrate();
    await warehouse.migrate();
    await loadFacts({ ...intake, warehouse, once: true, flushRows: 600, signal: new AbortController().signal });
  });
  afterAll(async () => {
    await warehouse.close();
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
    rmSync(path, { recursive: true, force: true });
  });

  const rowsOf = async (subject: string): Promise<number> => {
    const [row] = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM raw_touchpoints WHERE subject_id = '${subject}'`,
    );
    return Number(row?.n);
  };

  it('holds what was loaded, once, and every view answers', async () => {
    const [row] = await warehouse.query<{ n: number }>('SELECT count() AS n FROM raw_touchpoints');
    expect(row?.n).toBe(intake.accepted);
    for (const { name, parameters } of views)
      await warehouse.query(`SELECT count() FROM ${name}${parameters ? `(as_of = '2026-01-01')` : ''}`);
    for (const { name } of factTables) expect((await digest(warehouse, name)).rows).toBeGreaterThan(0);
  });

  it('erases, up to where it is told to, in the words that a replicated table takes', async () => {
    const [gone, partly, other] = [subjectOf(3), subjectOf(5), subjectOf(4)] as const;
    const [before, others] = [await rowsOf(partly), await rowsOf(other)];
    expect(await rowsOf(gone)).toBeGreaterThan(0);
    const [row] = await warehouse.query<{ at: number }>(
      `SELECT max(intake_position) AS at FROM raw_touchpoints WHERE subject_id = '${partly}'`,
    );
    const erased = await eraseSubjects(
      warehouse,
      new Map([
        [gone, Number.MAX_SAFE_INTEGER],
        [partly, Number(row?.at)],
      ]),
    );
    expect(erased.removed['raw_touchpoints']).toBeGreaterThan(0);
    expect(await rowsOf(gone)).toBe(0);
    expect(await rowsOf(partly)).toBeGreaterThan(0);
    expect(await rowsOf(partly)).toBeLessThan(before);
    expect(await rowsOf(other)).toBe(others);
    expect(
      await warehouse.query('SELECT * FROM system.mutations WHERE database = currentDatabase() AND NOT is_done'),
    ).toEqual([]);
    expect(await warehouse.query(`SELECT name FROM system.tables WHERE startsWith(name, 'erasing_')`)).toEqual([]);
    await eraseSubjects(warehouse, new Map([[gone, Number.MAX_SAFE_INTEGER]]));
  });

  it('is compared with what is built anew, and not changed over', async () => {
    const settled = async () => () => undefined;
    const fill = () =>
      loadFacts({ ...intake, warehouse, once: true, side: 'shadow', signal: new AbortController().signal });
    const tables = factTables.map(({ name }) => name);
    await expect(rebuild({ warehouse, tables, fill, settle: settled })).rejects.toMatchObject({ failure: 'fatal' });
    expect(await warehouse.query(`SELECT name FROM system.tables WHERE name LIKE '%next%'`)).toEqual([]);
    const [row] = await warehouse.query<{ engine: string }>(
      `SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'raw_touchpoints'`,
    );
    expect(row?.engine).toBe('Distributed');
  });
});
