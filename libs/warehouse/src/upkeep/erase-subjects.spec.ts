import { beforeEach, describe, expect, test } from '@jest/globals';
import { EngineError, type Warehouse } from '@tributary/kernel';
import { type ChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { filesWith } from '../controls/files-with.js';
import { ownWarehouse } from '../controls/own-warehouse.js';
import { recordedIntake } from '../controls/recorded-intake.js';
import { loadFacts } from '../load/load-facts.js';
import { tables } from '../schema/tables.js';
import { failureOf } from '../warehouse-errors.js';
import { eraseSubjects } from './erase-subjects.js';
import { deletionsOver } from './erasing.js';

const intake = recordedIntake(600);
const EVER = Number.MAX_SAFE_INTEGER;
let warehouse: ChdbWarehouse;
const { path } = ownWarehouse((opened) => void (warehouse = opened));
let somebody: string;

beforeEach(async () => {
  for (const { name } of tables) await warehouse.command(`TRUNCATE TABLE ${name}`);
  await loadFacts({ ...intake, warehouse, once: true, signal: new AbortController().signal });
  const [row] = await warehouse.query<{ subject_id: string }>(
    `SELECT subject_id FROM raw_touchpoints WHERE subject_id != '' GROUP BY subject_id ORDER BY count() DESC LIMIT 1`,
  );
  somebody = row?.subject_id ?? '';
});

const rowsOf = async (subject: string): Promise<number> => {
  const [row] = await warehouse.query<{ n: number }>(
    'SELECT count() AS n FROM raw_touchpoints WHERE subject_id = {subject:String}',
    { params: { subject } },
  );
  return Number(row?.n);
};

const left = (sql: string): Promise<readonly unknown[]> =>
  warehouse.query(`${sql} AND database = currentDatabase() SETTINGS max_threads = 1`);

describe('erasing subjects', () => {
  test('takes them, leaves no list behind, and names nobody in any statement', async () => {
    const said: string[] = [];
    const overheard: Warehouse = {
      ...warehouse,
      query: (sql, options) => (said.push(sql, JSON.stringify(options ?? {})), warehouse.query(sql, options)),
      command: (sql, options) => {
        // What is inserted is rows, which no server logs.
        said.push(sql.replace(/VALUES .*/s, 'VALUES'), JSON.stringify(options ?? {}));
        return warehouse.command(sql, options);
      },
    };
    expect(await rowsOf(somebody)).toBeGreaterThan(0);
    const { removed } = await eraseSubjects(overheard, new Map([[somebody, EVER]]));
    expect(removed['raw_touchpoints']).toBeGreaterThan(0);
    expect(await rowsOf(somebody)).toBe(0);
    expect(await left("SELECT name FROM system.tables WHERE startsWith(name, 'erasing_')")).toEqual([]);
    expect(said.join('\n')).toContain('joinGet');
    expect(said.join('\n')).not.toContain(somebody.slice(2));
  });

  test('is not disturbed by a deletion that is over just before it is ended', async () => {
    const over: Warehouse = {
      ...warehouse,
      query: (sql, options) =>
        sql.includes('system.mutations') && sql.includes("'erasing_'")
          ? Promise.resolve([{ reason: '' }] as never)
          : warehouse.query(sql, options),
      command: (sql, options) =>
        sql.startsWith('KILL MUTATION')
          ? Promise.reject(failureOf('clickhouse', 'Code: 750. DB::Exception: No mutation to kill. (NOTHING_TO_KILL)'))
          : warehouse.command(sql, options),
    };
    await eraseSubjects(over, new Map([[somebody, EVER]]));
    expect(await rowsOf(somebody)).toBe(0);
  });

  test('ends what an earlier life left: a deletion that looks for its list for ever', async () => {
    const list = 'erasing_left';
    await warehouse.command(`CREATE TABLE ${list} (id String, position UInt64) ENGINE = Join(ANY, LEFT, id)`);
    await warehouse.command('SYSTEM STOP MERGES raw_touchpoints');
    await warehouse.command(
      `ALTER TABLE raw_touchpoints DELETE WHERE joinGet('${list}', 'position', subject_id) = 1 SETTINGS mutations_sync = 0`,
    );
    await warehouse.command(`DROP TABLE ${list} SYNC`);
    await warehouse.command(`CREATE TABLE ${list}_too (id String, position UInt64) ENGINE = Join(ANY, LEFT, id)`);
    await warehouse.command('SYSTEM START MERGES raw_touchpoints');
    expect(await left('SELECT command FROM system.mutations WHERE NOT is_done')).toHaveLength(1);

    await eraseSubjects(warehouse, new Map([[somebody, EVER]]));
    expect(await rowsOf(somebody)).toBe(0);
    expect(await left('SELECT command FROM system.mutations WHERE NOT is_done')).toEqual([]);
    expect(await left("SELECT name FROM system.tables WHERE startsWith(name, 'erasing_')")).toEqual([]);
  });

  test('tells of a deletion that fails why, and not the value that it failed on', async () => {
    const reason =
      "Code: 6. DB::Exception: Cannot parse string '13800001234': in column a. (CANNOT_PARSE_TEXT) (version 26.5)";
    const failing: Warehouse = {
      ...warehouse,
      query: (sql, options) =>
        sql.includes('latest_fail_reason') ? Promise.resolve([{ reason }] as never) : warehouse.query(sql, options),
    };
    await expect(deletionsOver(failing, '1', 'a deletion failed; erase again')).rejects.toMatchObject({
      failure: 'retriable',
      message: 'warehouse: a deletion failed; erase again: CANNOT_PARSE_TEXT (code 6)',
    });
  });

  test('carried out again after it failed behind the removal, is over when the files are gone, too', async () => {
    // What the column holds is compressed; to be found it must be plain.
    await warehouse.command('ALTER TABLE raw_touchpoints MODIFY COLUMN subject_id CODEC(NONE)');
    await warehouse.command('OPTIMIZE TABLE raw_touchpoints FINAL');
    const away: Warehouse = {
      ...warehouse,
      query: (sql, options) =>
        sql.includes('system.parts')
          ? Promise.reject(new EngineError('chdb', 'retriable', 'away for a moment'))
          : warehouse.query(sql, options),
    };
    await expect(eraseSubjects(away, new Map([[somebody, EVER]]))).rejects.toThrow('away for a moment');
    expect(await rowsOf(somebody)).toBe(0);
    const { removed } = await eraseSubjects(warehouse, new Map([[somebody, EVER]]));
    expect([removed, filesWith(path, somebody)]).toEqual([{}, []]);
  });
});
