import { randomUUID } from 'node:crypto';
import { customerNamedAfter, EngineError, isSubjectId, type SubjectId, type Warehouse } from '@tributary/kernel';
import { writeFences } from '../load/fences.js';
import { pause } from '../load/pacing.js';
import { quoted } from '../schema/ddl.js';
import { customers, customerSubjects, personalTables } from '../schema/tables.js';

export interface Erasure {
  /** Rows removed, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Customers whose rows were removed; those that still stand must be loaded again. */
  readonly customers: readonly string[];
}

const SUBJECTS_AT_ONCE = 500;
const DISK_PATIENCE_MS = 120_000;

/**
 * Removes every row of these subjects, and of the customers that hold or held them, physically: when it resolves, the
 * old parts are gone from the disk. Whoever calls it has seen to it that nothing loads these subjects meanwhile. Rejects
 * with a retriable EngineError if the engine still holds old parts after two minutes; calling it again is safe.
 */
export const eraseSubjects = async (warehouse: Warehouse, subjects: readonly string[]): Promise<Erasure> => {
  for (const subject of subjects) if (!isSubjectId(subject)) throw new TypeError('not a subject id');
  const removed: Record<string, number> = {};
  const affected = new Set<string>();
  if (subjects.length > 0) await writeFences(warehouse);
  for (let i = 0; i < subjects.length; i += SUBJECTS_AT_ONCE) {
    const some = subjects.slice(i, i + SUBJECTS_AT_ONCE);
    const ids = await customersOf(warehouse, some);
    for (const id of ids) affected.add(id);
    await listed(warehouse, [...some, ...ids], async (list) => {
      for (const { name, personalBy } of personalTables) {
        const where = `${personalBy} IN (SELECT id FROM ${list})`;
        const [row] = await warehouse.query<{ n: number }>(`SELECT count() AS n FROM ${name} WHERE ${where}`);
        const n = Number(row?.n ?? 0);
        if (n === 0) continue;
        await warehouse.command(`ALTER TABLE ${name} DELETE WHERE ${where} SETTINGS mutations_sync = 2`);
        removed[name] = (removed[name] ?? 0) + n;
      }
    });
  }
  await oldPartsGone(warehouse, Object.keys(removed));
  return { removed, customers: [...affected] };
};

/** Who holds these subjects or did so, by any row still there, and the customers named after them. */
const customersOf = async (warehouse: Warehouse, subjects: readonly string[]): Promise<readonly string[]> => {
  const mapped = await warehouse.query<{ customer_id: string }>(
    `SELECT DISTINCT customer_id FROM ${customerSubjects.name} WHERE subject_id IN {subjects:Array(String)}
     UNION DISTINCT SELECT DISTINCT customer_id FROM ${customers.name} WHERE hasAny(subjects, {subjects:Array(String)})`,
    { params: { subjects } },
  );
  const named = subjects.map((subject) => customerNamedAfter(subject as SubjectId));
  return [...new Set([...mapped.map((row) => row.customer_id), ...named])];
};

/**
 * The engine keeps the text of a deletion beside the table, so the text must name nobody: the ids are given to it in a
 * table that lives in memory only.
 */
const listed = async (
  warehouse: Warehouse,
  ids: readonly string[],
  use: (list: string) => Promise<void>,
): Promise<void> => {
  const list = `erasing_${randomUUID().replace(/-/g, '')}`;
  await warehouse.command(
    `CREATE TABLE ${list} (id String COMMENT 'Who is being erased') ENGINE = Memory COMMENT 'Short-lived'`,
  );
  try {
    await warehouse.command(`INSERT INTO ${list} VALUES ${ids.map((id) => `(${quoted(id)})`).join(', ')}`);
    await use(list);
  } finally {
    await warehouse.command(`DROP TABLE ${list} SYNC`);
  }
};

/** The rows left the tables; their bytes leave the disk when the parts that held them are dropped. */
const oldPartsGone = async (warehouse: Warehouse, tables: readonly string[]): Promise<void> => {
  if (tables.length === 0) return;
  const began = performance.now();
  const never = new AbortController().signal;
  for (;;) {
    const [row] = await warehouse.query<{ n: number }>(
      `SELECT count() AS n FROM system.parts WHERE database = currentDatabase() AND NOT active AND table IN (${tables.map(quoted).join(', ')})`,
    );
    if (Number(row?.n ?? 0) === 0) return;
    if (performance.now() - began > DISK_PATIENCE_MS)
      throw new EngineError(
        'warehouse',
        'retriable',
        'rows are erased, but old parts are still on the disk; erase again',
      );
    await pause(100, never);
  }
};
