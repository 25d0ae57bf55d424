import { randomUUID } from 'node:crypto';
import { customerNamedAfter, EngineError, isSubjectId, type SubjectId, type Warehouse } from '@tributary/kernel';
import { writeFences } from '../load/fences.js';
import { pause } from '../load/pacing.js';
import { quoted } from '../schema/ddl.js';
import { type Side, storedName } from '../schema/shadow.js';
import { customers, customerSubjects, customerTables, factTables } from '../schema/tables.js';
import { StatementFailed } from '../warehouse-errors.js';

export interface Erasure {
  /** Rows removed, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Customers whose rows were removed, with the version they had: whoever calls writes anew what is left to say of them. */
  readonly customers: ReadonlyMap<string, number>;
}

const SUBJECTS_AT_ONCE = 500;
const DISK_PATIENCE_MS = 120_000;

/**
 * Removes what was known of these subjects up to their erasure, and of the customers that hold or held them, physically:
 * when it resolves, the old parts are gone from the disk. Whoever calls it has seen to it that everything before the
 * erasures is loaded, and that nothing loads meanwhile. Rejects with a retriable EngineError if the engine still holds old
 * parts after two minutes; calling it again is safe.
 *
 * @param erasures by subject: the event-store position of its erasure; what was taken in after it stays
 * @param side `shadow`: only facts, since the customers of a rebuild are made from what is known now
 * @param beforeRemoval told the customers before any row is removed. They cannot be found afterwards: whoever is to write
 *   their rows anew also after a crash notes them here
 */
export const eraseSubjects = async (
  warehouse: Warehouse,
  erasures: ReadonlyMap<string, number>,
  side: Side = 'live',
  beforeRemoval: (customers: Erasure['customers']) => Promise<void> = async () => undefined,
): Promise<Erasure> => {
  const subjects = [...erasures.keys()];
  for (const subject of subjects) if (!isSubjectId(subject)) throw new TypeError('not a subject id');
  // Deletions are carried out where no database is chosen, so the list is named with its own.
  const [here] = await warehouse.query<{ name: string }>('SELECT currentDatabase() AS name');
  const database = here?.name ?? '';
  const removed: Record<string, number> = {};
  await clearLeftovers(warehouse);
  const chunks: { readonly some: readonly string[]; readonly ids: readonly string[] }[] = [];
  const affected = new Map<string, number>();
  for (let i = 0; i < subjects.length; i += SUBJECTS_AT_ONCE) {
    const some = subjects.slice(i, i + SUBJECTS_AT_ONCE);
    const ids = side === 'shadow' ? [] : await customersOf(warehouse, some);
    for (const [id, version] of await versionsOf(warehouse, ids)) affected.set(id, version);
    chunks.push({ some, ids });
  }
  await beforeRemoval(affected);
  if (subjects.length > 0 && side === 'live') await writeFences(warehouse);
  const remove = async (table: string, list: string, where: string): Promise<void> => {
    const [row] = await warehouse.query<{ n: number }>(`SELECT count() AS n FROM ${table} WHERE ${where}`);
    const n = Number(row?.n ?? 0);
    if (n === 0) return;
    // Not waited for by the statement: a server works for longer than a connection stays open without a word.
    await warehouse.command(`ALTER TABLE ${table} DELETE WHERE ${where} SETTINGS mutations_sync = 0`);
    await deleted(warehouse, list);
    removed[table] = (removed[table] ?? 0) + n;
  };
  for (const { some, ids } of chunks) {
    const listedSubjects = some.map((id) => [id, erasures.get(id) ?? 0] as const);
    await listed(warehouse, listedSubjects, async (list) => {
      for (const { name } of factTables)
        await remove(
          storedName(name, side),
          list,
          `intake_position < joinGet('${database}.${list}', 'position', subject_id)`,
        );
    });
    if (side === 'shadow') continue;
    await listed(warehouse, positionless([...some, ...ids]), async (list) => {
      for (const { name, personalBy } of customerTables)
        await remove(name, list, `joinGet('${database}.${list}', 'position', ${personalBy}) = 1`);
    });
  }
  await oldPartsGone(warehouse, Object.keys(removed));
  return { removed, customers: affected };
};

const versionsOf = async (
  warehouse: Warehouse,
  ids: readonly string[],
): Promise<readonly (readonly [string, number])[]> => {
  if (ids.length === 0) return [];
  const rows = await listed(warehouse, positionless(ids), (list) =>
    warehouse.query<{ id: string; newest: number }>(
      `SELECT customer_id AS id, max(version) AS newest FROM ${customers.name} WHERE customer_id IN (SELECT id FROM ${list}) GROUP BY id`,
    ),
  );
  return rows.map(({ id, newest }) => [id, Number(newest)]);
};

/** Who holds these subjects or did so, by any row still there, and the customers named after them. */
const customersOf = async (warehouse: Warehouse, subjects: readonly string[]): Promise<readonly string[]> => {
  const mapped = await listed(warehouse, positionless(subjects), (list) =>
    warehouse.query<{ customer_id: string }>(
      `SELECT DISTINCT customer_id FROM ${customerSubjects.name} WHERE subject_id IN (SELECT id FROM ${list})
       UNION DISTINCT SELECT DISTINCT customer_id FROM ${customers.name} WHERE hasAny(subjects, (SELECT groupArray(id) FROM ${list}))`,
    ),
  );
  const named = subjects.map((subject) => customerNamedAfter(subject as SubjectId));
  return [...new Set([...mapped.map((row) => row.customer_id), ...named])];
};

const LIST_PREFIX = 'erasing_';

/**
 * The engine keeps the text of a deletion beside the table, and a server those of all statements, with their parameters, in
 * its log: so the text must name nobody. The ids are given to it as rows, in a table that lives in memory only.
 */
const listed = async <T>(
  warehouse: Warehouse,
  entries: readonly (readonly [id: string, position: number])[],
  use: (list: string) => Promise<T>,
): Promise<T> => {
  const list = `${LIST_PREFIX}${randomUUID().replace(/-/g, '')}`;
  await warehouse.command(
    `CREATE TABLE ${list} (id String COMMENT 'Who is being erased', position UInt64 COMMENT 'Up to where')
     ENGINE = Join(ANY, LEFT, id) SETTINGS persistent = 0 COMMENT 'Short-lived, in memory only'`,
  );
  try {
    await warehouse.command(
      `INSERT INTO ${list} VALUES ${entries.map(([id, at]) => `(${quoted(id)}, ${at})`).join(', ')}`,
    );
    return await use(list);
  } finally {
    await dropList(warehouse, list);
  }
};

const positionless = (ids: readonly string[]): readonly (readonly [id: string, position: number])[] =>
  ids.map((id) => [id, 1]);

/**
 * A deletion that is not over would look for its list for ever, and every later one would wait for it. It may be over, and
 * forgotten, before it is ended: servers later than 26.7 call that an error (`kill_throw_if_noop`).
 */
const endDeletions = async (warehouse: Warehouse, by: string): Promise<void> => {
  if ((await openDeletions(warehouse, by)).length === 0) return;
  try {
    await warehouse.command(`KILL MUTATION WHERE ${byList(by)} SYNC`);
  } catch (error) {
    if (!(error instanceof StatementFailed) || error.type !== 'NOTHING_TO_KILL') throw error;
  }
};

const dropList = async (warehouse: Warehouse, list: string): Promise<void> => {
  await endDeletions(warehouse, list);
  await warehouse.command(`DROP TABLE IF EXISTS ${list} SYNC`);
};

/** Whoever erased before may have died over it; one process at a time loads and erases. */
const clearLeftovers = async (warehouse: Warehouse): Promise<void> => {
  await endDeletions(warehouse, LIST_PREFIX);
  const left = await warehouse.query<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = currentDatabase() AND startsWith(name, ${quoted(LIST_PREFIX)})`,
  );
  for (const { name } of left) await dropList(warehouse, name);
};

const byList = (list: string): string => `database = currentDatabase() AND position(command, ${quoted(list)}) > 0`;

const openDeletions = (warehouse: Warehouse, list: string): Promise<readonly { readonly reason: string }[]> =>
  warehouse.query(`SELECT latest_fail_reason AS reason FROM system.mutations WHERE ${byList(list)} AND NOT is_done`);

/** Resolves when what was to be deleted by the list is; rejects with a retriable EngineError if the engine could not. */
const deleted = async (warehouse: Warehouse, list: string): Promise<void> => {
  for (let wait_ms = 2; ; wait_ms = Math.min(2 * wait_ms, 500)) {
    const open = await openDeletions(warehouse, list);
    if (open.length === 0) return;
    const failed = open.find(({ reason }) => reason !== '');
    if (failed) throw new EngineError('warehouse', 'retriable', `a deletion failed; erase again: ${failed.reason}`);
    await pause(wait_ms, never);
  }
};

const never = new AbortController().signal;

/** The rows left the tables; their bytes leave the disk when the parts that held them are dropped. */
const oldPartsGone = async (warehouse: Warehouse, tables: readonly string[]): Promise<void> => {
  if (tables.length === 0) return;
  const began = performance.now();
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
