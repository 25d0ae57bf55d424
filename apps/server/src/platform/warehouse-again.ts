import { decodeBatchTaken } from '@tributary/contracts';
import { FEED_TOPIC, INTAKE_STREAMS } from '@tributary/domain';
import { EngineError } from '@tributary/kernel';
import {
  customers,
  customerSubjects,
  digest,
  eraseSubjects,
  factTables,
  feedFences,
  loadCustomers,
  loadFacts,
  rebuild,
  requireOneServer,
  type Side,
  StatementFailed,
} from '@tributary/warehouse';
import { type ProjectionVerification } from '../ops/operations.js';
import { reachingRows } from './documents-reach.js';
import { type WarehouseErasing } from './warehouse-erasing.js';
import { type LoadingDeps } from './loading-deps.js';

export interface AgainDeps extends Pick<
  LoadingDeps,
  'store' | 'catalogue' | 'warehouse' | 'clock' | 'madeTo' | 'rebuilding'
> {
  readonly erasing: Pick<WarehouseErasing, 'carriedOut' | 'waits'>;
  /** Stops the live loader; answers how to start it again. */
  readonly settle: () => Promise<() => void>;
  /** Aborts when the platform stops: then nothing is compared, and nothing changed over. */
  readonly signal: AbortSignal;
}

const LEVEL_TRIES = 50;
const DROPPED_MEANWHILE =
  'its retention dropped input while tables were built anew from it; they stay as they are; ask again';

/** Builds every table anew beside the live one, compares, and changes over only if told to. */
export const loadAgain = async (deps: AgainDeps, changeOver: boolean): Promise<readonly ProjectionVerification[]> => {
  const { store, warehouse } = deps;
  if (changeOver) requireOneServer(warehouse);
  await requireWholeProfiles(deps);
  // Raw input is dropped by its retention; from then on only what comes from documents can be built anew.
  const whole = await wholeLog(deps);
  const facts = whole ? factTables.map(({ name }) => name) : [];
  const tables = [...facts, customerSubjects.name, customers.name];
  const report: ProjectionVerification[] = whole
    ? []
    : factTables.map(({ name }) => notCompared(name, 'the log’s retention dropped the beginning'));
  const filled = async (): Promise<void> => {
    // Facts are compared at one place of the intake, wherever the input has got to meanwhile.
    const upTo = await store.events.head();
    for (const side of ['live', 'shadow'] as const) if (whole) await loadFactsAgain(deps, side, upTo);
    const unlike = await whyUnlike(deps);
    // Lost meanwhile, they were not told of: tables in use are not parted with for others that lack customers.
    await requireWholeProfiles(deps);
    // What the log still holds of erased people must not come back with the new tables.
    if (whole) await eraseSubjects(warehouse, await deps.erasing.carriedOut(), 'shadow');
    // What its retention drops meanwhile is in the tables in use alone: half of it in others is no reason to part with those.
    if (whole && !(await wholeLog(deps))) throw new EngineError('log', 'retriable', DROPPED_MEANWHILE);
    for (const name of tables)
      report.push(unlike === null || facts.includes(name) ? await compare(deps, name) : notCompared(name, unlike));
    if (!changeOver) throw new OnlyLooked();
  };
  const fill = async (): Promise<void> => {
    if (whole) await loadFactsAgain(deps, 'shadow', await store.events.head());
    await loadCustomersAgain(deps, 'shadow');
  };
  await rebuild({ warehouse, tables, fill, settle: deps.settle, filled }).catch((error: unknown) => {
    if (!(error instanceof OnlyLooked)) throw error;
  });
  return report;
};

/** While they are made anew, the feed is told only as far as they are, and tables that were made of it then would lack the rest. */
const requireWholeProfiles = async ({ rebuilding }: AgainDeps): Promise<void> => {
  if (await rebuilding?.())
    throw new EngineError(
      'documents',
      'retriable',
      'profiles were lost, and are being rebuilt; ask again when they are whole',
    );
};

const loadFactsAgain = async (deps: AgainDeps, side: Side, upTo: number): Promise<void> => {
  const { store, catalogue, warehouse, signal } = deps;
  await loadFacts({ log: store.log, events: store.events, catalogue, warehouse, signal, side, once: true, upTo });
  // It ends early then, and half a table is none.
  signal.throwIfAborted();
};

const loadCustomersAgain = async (deps: AgainDeps, side: Side): Promise<void> => {
  const { store, warehouse, signal } = deps;
  const customerRows = reachingRows(deps);
  await loadCustomers({ log: store.log, warehouse, customerRows, signal, side, once: true });
  signal.throwIfAborted();
};

/**
 * Rows of customers are made from documents as they are now, so there is no place in the past to compare them at: both
 * sides are brought up until they stand at the feed's end, and nothing came after it. `false`: something always came.
 */
const levelCustomers = async (deps: AgainDeps): Promise<boolean> => {
  const { store, warehouse } = deps;
  const at = async (side: Side): Promise<string> => JSON.stringify([...(await feedFences(warehouse, side))].sort());
  for (let tries = 0; tries < LEVEL_TRIES; tries++) {
    const before = JSON.stringify(await store.log.partitions(FEED_TOPIC));
    await loadCustomersAgain(deps, 'live');
    await loadCustomersAgain(deps, 'shadow');
    const quiet = before === JSON.stringify(await store.log.partitions(FEED_TOPIC));
    if (quiet && (await at('live')) === (await at('shadow'))) return true;
  }
  return false;
};

/**
 * Why customers cannot be compared; `null`: they can. Rows of whoever is erased leave the tables in use only behind this work, and
 * are in no others.
 */
const whyUnlike = async (deps: AgainDeps): Promise<string | null> => {
  if (!(await levelCustomers(deps))) return 'input never paused for it';
  return (await deps.erasing.waits()) ? 'somebody was erased meanwhile; ask again' : null;
};

const compare = async ({ warehouse }: AgainDeps, name: string): Promise<ProjectionVerification> => {
  const built = await digest(warehouse, name, 'shadow');
  const live = await digest(warehouse, name).catch(unreadable);
  if ('why' in live)
    return { name: `clickhouse.${name}`, rows: built.rows, outcome: 'different', equal: false, difference: live.why };
  const compared = { name: `clickhouse.${name}`, rows: live.rows };
  if (live.hash === built.hash) return { ...compared, outcome: 'equal', equal: true };
  const difference = `${live.rows} rows live, ${built.rows} rebuilt`;
  return { ...compared, outcome: 'different', equal: false, difference };
};

/** Of the one beside it the same was asked and answered: this one's files are damaged, which is no reason to keep to it. */
const unreadable = (error: unknown): { readonly why: string } => {
  if (!(error instanceof StatementFailed) || error.failure !== 'fatal') throw error;
  return { why: `the live table cannot be read: ${error.type}` };
};

const notCompared = (name: string, why: string): ProjectionVerification => ({
  name: `clickhouse.${name}`,
  outcome: 'not_compared',
  equal: false,
  difference: `not compared: ${why}`,
});

const wholeLog = async ({ store }: AgainDeps): Promise<boolean> => {
  const topics = new Set<string>();
  for (let after = -1; ;) {
    const page = await store.events.readAll(after, 5_000, INTAKE_STREAMS);
    const last = page[page.length - 1];
    if (!last) break;
    for (const { data } of page) topics.add(decodeBatchTaken(data).topic);
    after = last.position;
  }
  for (const topic of topics) if ((await store.log.partitions(topic)).some(({ begin }) => begin > 0)) return false;
  return true;
};

/** The tables were compared, and are to stay as they are. */
class OnlyLooked extends Error {}
