import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { EngineError, type Warehouse } from '@tributary/kernel';
import { type ChdbWarehouse, openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { recordedIntake, subjectOf } from '../controls/recorded-intake.js';
import { factTables, tables } from '../schema/tables.js';
import { type Digest, digest } from '../upkeep/digest.js';
import { eraseSubjects } from '../upkeep/erase-subjects.js';
import { rebuild } from '../upkeep/rebuild.js';
import { loadFacts } from './load-facts.js';

const path = mkdtempSync(join(tmpdir(), 'tributary-load-'));
const intake = recordedIntake(1_800);
let warehouse: ChdbWarehouse;
/** What the tables say when nothing goes wrong. */
let whole: readonly Digest[];

beforeAll(async () => {
  warehouse = await openChdbWarehouse({ path });
  await warehouse.migrate();
  await load();
  whole = await digests();
  for (const { rows, hash } of whole) {
    expect(rows).toBeGreaterThan(0);
    expect(hash).toMatch(/^[0-9a-f]{32}$/);
  }
});
afterAll(async () => {
  await warehouse.close();
  rmSync(path, { recursive: true, force: true });
});
beforeEach(async () => {
  for (const { name } of tables) await warehouse.command(`TRUNCATE TABLE ${name}`);
});

const load = (into: Warehouse = warehouse, flushRows = 500, signal = new AbortController().signal): Promise<void> =>
  loadFacts({ ...intake, warehouse: into, once: true, flushRows, signal });
const digests = () => Promise.all(factTables.map(({ name }) => digest(warehouse, name)));

/** As if the process had died at its nth insert, before the engine heard of it or after it had done it. */
const dying = (nth: number, when: 'before' | 'after'): Warehouse => {
  let inserts = 0;
  return {
    ...warehouse,
    insert: async (batch) => {
      if (++inserts > nth) throw new Error('dead');
      if (inserts < nth || when === 'after') await warehouse.insert(batch);
      if (inserts === nth) throw new Error('dead');
    },
  };
};

describe('loading facts', () => {
  test('each accepted touchpoint is one row, with what it says in the table of its kind', async () => {
    await load();
    const [counts] = await warehouse.query<Record<string, number>>(
      `SELECT (SELECT count() FROM raw_touchpoints) AS raw, (SELECT uniqExact(channel, message_id) FROM raw_touchpoints) AS different,
         (SELECT count() FROM fct_orders) AS orders, (SELECT countIf(type LIKE 'order_%') FROM raw_touchpoints) AS raw_orders,
         (SELECT count() FROM fct_order_lines) AS lines, (SELECT countIf(type = 'order_placed') * 2 FROM raw_touchpoints) AS raw_lines,
         (SELECT count() FROM fct_interactions) AS interactions, (SELECT countIf(type IN ('call_held', 'survey_answered')) FROM raw_touchpoints) AS raw_interactions`,
    );
    expect(counts).toMatchObject({ raw: intake.accepted, different: intake.accepted });
    expect(counts?.['orders']).toBe(counts?.['raw_orders']);
    expect(counts?.['lines']).toBe(counts?.['raw_lines']);
    expect(counts?.['interactions']).toBe(counts?.['raw_interactions']);
  });

  test('loading again, or with other flushes, changes nothing', async () => {
    await load();
    const once = await digests();
    await load();
    expect(await digests()).toEqual(once);
    for (const { name } of factTables) await warehouse.command(`TRUNCATE TABLE ${name}`);
    await load(warehouse, 100_000);
    expect(await digests()).toEqual(once);
  });

  test.each(
    [1, 2, 3, 4, 5, 8].flatMap(
      (nth) =>
        [
          [nth, 'before' as const],
          [nth, 'after' as const],
        ] as const,
    ),
  )('dead at insert %i, %s the engine did it: nothing is lost and nothing comes twice', async (nth, when) => {
    await expect(load(dying(nth, when))).rejects.toThrow('dead');
    await load();
    expect(await digests()).toEqual(whole);
  });

  test('a digest sees every change of a row', async () => {
    await load();
    await warehouse.command(
      `ALTER TABLE fct_interactions UPDATE score = 8 WHERE message_id = (SELECT min(message_id) FROM fct_interactions WHERE score = 9) SETTINGS mutations_sync = 2`,
    );
    const [, , interactions] = await digests();
    expect(interactions?.rows).toBe(whole[2]?.rows);
    expect(interactions?.hash).not.toBe(whole[2]?.hash);
  });

  test('a failure of the engine is retried from what the tables hold', async () => {
    let failures = 3;
    const retried: EngineError[] = [];
    const flaky: Warehouse = {
      ...warehouse,
      insert: async (batch) => {
        await warehouse.insert(batch);
        if (failures-- > 0) throw new EngineError('chdb', 'unknown', 'the answer was lost');
      },
    };
    await loadFacts({
      ...intake,
      warehouse: flaky,
      once: true,
      signal: new AbortController().signal,
      onRetry: (error) => retried.push(error),
    });
    expect(retried).toHaveLength(3);
    expect(await warehouse.query('SELECT count() AS n FROM raw_touchpoints')).toEqual([{ n: intake.accepted }]);
  });

  test('erasing the last rows does not bring the others back', async () => {
    await load();
    const [last] = await warehouse.query<{ subject_id: string }>(
      `SELECT subject_id FROM raw_touchpoints WHERE subject_id != '' ORDER BY intake_position DESC, source_offset DESC LIMIT 1`,
    );
    const everyone = Array.from({ length: 50 }, (_, n) => subjectOf(n)).filter(
      (subject) => subject !== last?.subject_id,
    );
    const ever = Number.MAX_SAFE_INTEGER;
    await eraseSubjects(warehouse, new Map(everyone.map((subject) => [subject, ever])));
    await eraseSubjects(warehouse, new Map([[last?.subject_id ?? '', ever]]));
    await warehouse.command(`ALTER TABLE raw_touchpoints DELETE WHERE subject_id = '' SETTINGS mutations_sync = 2`);
    await load();
    expect(await warehouse.query('SELECT count() AS n FROM raw_touchpoints')).toEqual([{ n: 0 }]);
  });

  test('it follows what comes, and stops when told', async () => {
    const stopping = new AbortController();
    const loading = loadFacts({ ...intake, warehouse, flushAfter_ms: 50, poll_ms: 10, signal: stopping.signal });
    for (;;) {
      const [row] = await warehouse.query<{ n: number }>('SELECT count() AS n FROM raw_touchpoints');
      if (row?.n === intake.accepted) break;
    }
    stopping.abort();
    await loading;
  });

  test('a rebuild beside the tables in use gives the same, and is changed over', async () => {
    await load();
    const live = await digests();
    let compared = 0;
    await rebuild({
      warehouse,
      tables: factTables.map(({ name }) => name),
      fill: () => loadFacts({ ...intake, warehouse, side: 'shadow', once: true, signal: new AbortController().signal }),
      settle: () => Promise.resolve(() => {}),
      filled: async () => {
        expect(await Promise.all(factTables.map(({ name }) => digest(warehouse, name, 'shadow')))).toEqual(live);
        compared++;
      },
    });
    expect(compared).toBe(1);
    expect(await digests()).toEqual(live);
    expect(await warehouse.query(`SELECT name FROM system.tables WHERE name LIKE '%__next'`)).toEqual([]);
    await load();
    expect(await digests()).toEqual(live);
  });
});
