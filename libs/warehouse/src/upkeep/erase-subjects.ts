import { customerNamedAfter, isSubjectId, type SubjectId, type Warehouse } from '@tributary/kernel';
import { writeFences } from '../load/fences.js';
import { type Side, storedName } from '../schema/shadow.js';
import { customers, customerSubjects, customerTables, factTables } from '../schema/tables.js';
import { byLists } from './erasing-by-lists.js';
import { byText } from './erasing-by-text.js';
import { type Erasing, positionless } from './erasing.js';
import { oldPartsGone } from './old-parts.js';

export interface Erasure {
  /** Rows removed, by table. */
  readonly removed: Readonly<Record<string, number>>;
  /** Customers whose rows were removed, with the version they had: whoever calls writes anew what is left to say of them. */
  readonly customers: ReadonlyMap<string, number>;
}

const SUBJECTS_AT_ONCE = 500;

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
  // The tables of a rebuild stand on one server alone, also of a cluster.
  const erasing: Erasing =
    warehouse.cluster === undefined || side === 'shadow' ? await byLists(warehouse) : byText(warehouse);
  const removed: Record<string, number> = {};
  await erasing.begin();
  const chunks: { readonly some: readonly string[]; readonly ids: readonly string[] }[] = [];
  const affected = new Map<string, number>();
  for (let i = 0; i < subjects.length; i += SUBJECTS_AT_ONCE) {
    const some = subjects.slice(i, i + SUBJECTS_AT_ONCE);
    const ids = side === 'shadow' ? [] : await customersOf(warehouse, erasing, some);
    for (const [id, version] of await versionsOf(warehouse, erasing, ids)) affected.set(id, version);
    chunks.push({ some, ids });
  }
  await beforeRemoval(affected);
  if (subjects.length > 0 && side === 'live') await writeFences(warehouse);
  const note = (table: string, n: number): void => {
    if (n > 0) removed[table] = (removed[table] ?? 0) + n;
  };
  for (const { some, ids } of chunks) {
    const listedSubjects = some.map((id) => [id, erasures.get(id) ?? 0] as const);
    await erasing.listed(listedSubjects, async (whom) => {
      for (const table of factTables.map(({ name }) => storedName(name, side)))
        note(table, await whom.remove(table, `intake_position < ${whom.positionOf('subject_id')}`));
    });
    if (side === 'shadow') continue;
    await erasing.listed(positionless([...some, ...ids]), async (whom) => {
      for (const { name, personalBy } of customerTables)
        note(name, await whom.remove(name, `${whom.positionOf(personalBy)} = 1`));
    });
  }
  if (subjects.length > 0) {
    await erasing.end();
    // Also where nothing was removed: an earlier try may have removed the rows and not waited, or a merge has just dropped them.
    const looked = [
      ...factTables.map(({ name }) => storedName(name, side)),
      ...(side === 'live' ? customerTables : []).map(({ name }) => name),
    ];
    await oldPartsGone(warehouse, looked.map(erasing.rowsOf));
  }
  return { removed, customers: affected };
};

const versionsOf = async (
  warehouse: Warehouse,
  erasing: Erasing,
  ids: readonly string[],
): Promise<readonly (readonly [string, number])[]> => {
  if (ids.length === 0) return [];
  const rows = await erasing.listed(positionless(ids), (whom) =>
    warehouse.query<{ id: string; newest: number }>(
      `SELECT customer_id AS id, max(version) AS newest FROM ${customers.name} WHERE customer_id IN ${whom.set} GROUP BY id ${whom.unlogged}`,
    ),
  );
  return rows.map(({ id, newest }) => [id, Number(newest)]);
};

/** Who holds these subjects or did so, by any row still there, and the customers named after them. */
const customersOf = async (
  warehouse: Warehouse,
  erasing: Erasing,
  subjects: readonly string[],
): Promise<readonly string[]> => {
  const mapped = await erasing.listed(positionless(subjects), (whom) =>
    warehouse.query<{ customer_id: string }>(
      `SELECT DISTINCT customer_id FROM ${customerSubjects.name} WHERE subject_id IN ${whom.set}
       UNION DISTINCT SELECT DISTINCT customer_id FROM ${customers.name} WHERE hasAny(subjects, ${whom.array}) ${whom.unlogged}`,
    ),
  );
  const named = subjects.map((subject) => customerNamedAfter(subject as SubjectId));
  return [...new Set([...mapped.map((row) => row.customer_id), ...named])];
};
