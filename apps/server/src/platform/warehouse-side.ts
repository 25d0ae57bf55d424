import { Worker } from 'node:worker_threads';
import { type Logger } from 'pino';
import { Calls, EngineError } from '@tributary/kernel';
import { endProcess, keepEngineLoaded } from '@tributary/warehouse';
import { type OnWait, waitInLog } from '../engines/engine-wait.js';
import { type Verification } from '../ops/operations.js';
import { seldom } from '../stages/seldom.js';
import { thrownThere } from './thread-failure.js';
import {
  type WarehouseLag,
  type WarehouseOrder,
  type WarehouseReport,
  type WarehouseStart,
} from './warehouse-messages.js';

/** ClickHouse's side of the platform, seen from the main thread. */
export interface WarehouseSide {
  readonly sqlPort: number;
  /** `null` while it loads; else why it stopped. */
  readonly trouble: () => string | null;
  /** `null` while each question at the SQL door ends; else what is with those that do not. */
  readonly held: () => string | null;
  lag(): Promise<WarehouseLag>;
  /** Position up to which it holds what was taken; -1: nothing. */
  loadedTo(): Promise<number>;
  /** Whether each table equals what is built anew from the log and the documents. */
  verify(): Promise<Verification['projections']>;
  rebuild(): Promise<Verification['projections']>;
  /** Puts the engine's folder, as it is between two loads, to a folder of the same disk that is not there yet. */
  link(into: string): Promise<void>;
  /** The SQL door closes, the loader flushes what it has, chDB closes before its thread ends. */
  stop(): Promise<void>;
}

/** Resolves when it loads and its SQL door listens. Trouble later is told to the log and to `trouble`; all else goes on. */
export const startWarehouseSide = async (
  start: WarehouseStart,
  logger: Logger,
  onWait: OnWait = waitInLog(logger),
): Promise<WarehouseSide> => {
  await keepEngineLoaded();
  const worker = new Worker(new URL('../../dist/warehouse-worker.js', import.meta.url), {
    workerData: start,
    transferList: [start.port],
    name: 'tributary-warehouse',
  });
  const calls = new Calls();
  let trouble: string | null = null;
  let held: string | null = null;
  let unclosed = false;
  /** It answers nothing any more. */
  let gone = false;
  let started = false;
  let onEnd!: () => void;
  const end = new Promise<void>((resolve) => (onEnd = resolve));
  const fail = (message: string): void => {
    const isFirst = trouble === null;
    trouble ??= message;
    // One that does not come up ends the start, which says why.
    if (started && isFirst) tellOfTrouble();
  };
  const tellOfTrouble = (): void =>
    logger.error({ reason: trouble }, 'the warehouse stopped loading; what is missing is loaded at the next start');

  const leave = (): void => {
    gone = true;
    calls.refuseAll(new EngineError(ENGINE, 'fatal', 'the warehouse thread ended'));
  };

  // A process that ends waits for its threads, and one with such a question does not end.
  const onExit = (): void => {
    // No question is there before it has started.
    if (held !== null || unclosed || (started && gone)) endProcess(held ?? 'the warehouse stays open');
  };
  process.on('exit', onExit);

  const tellOfRetry = seldom((reason, times) =>
    logger.warn({ reason, times }, 'the warehouse did not take a batch; it is tried again'),
  );

  const sqlPort = await new Promise<number>((resolve, reject) => {
    worker.on('message', (message: WarehouseReport) => {
      switch (message.report) {
        case 'started':
          started = true;
          // It may have come up and found what it cannot load before it said so.
          if (trouble !== null) tellOfTrouble();
          return resolve(message.sqlPort);
        case 'answered':
          return calls.answered(message.call, message.answer);
        case 'failed':
          return calls.refused(message.call, thrownThere(message));
        case 'waiting':
          return onWait(message.wait);
        case 'retrying':
          return tellOfRetry(message.message);
        case 'broken':
          return logger.error(
            { parts: message.tables },
            'parts of these tables are damaged on the disk and were set aside: their rows are missing; `tributary rebuild` fills the tables again from what the log holds, or restore a backup',
          );
        case 'taken back':
          return logger.warn(
            { facts: message.facts },
            'the tables were filled from a newer tributary.db than this one: what it does not hold was removed from them, customers are loaded anew',
          );
        case 'ahead':
          return logger.error(
            'the tables in ClickHouse hold more than tributary.db tells: it is older than they are (restored from a backup?), or another platform fills them. ' +
              'What comes in next is missing in them until it has as much as they were filled with. `tributary rebuild` makes them anew from what the log holds; ' +
              'or bring back the newer tributary.db, or give this platform a database of its own: docs/guide/backups.md',
          );
        case 'missing':
          return logger.warn(
            { touchpoints: message.touchpoints },
            'the log does not hold these touchpoints any more: tables that come from a backup, or are new, go without them',
          );
        case 'held':
          held = heldText(message);
          if (held === null) return logger.info('every question at the SQL door has ended');
          return logger.error(
            { questions: message.held.map(({ queryId, asker }) => ({ queryId, key: asker ?? null })) },
            held,
          );
        case 'unclosed':
          unclosed = true;
          logger.error({ reason: message.message }, 'the warehouse stays open; what it holds is on the disk');
          return onEnd();
        case 'trouble':
          return fail(message.message);
        case 'ended':
          return leave();
        default:
          return message satisfies never;
      }
    });
    worker.once('error', (error: Error) => {
      fail(error.message);
      reject(error);
      leave();
      // It waits for what the engine is at, or the engine for it.
      setTimeout(onEnd, EXIT_PATIENCE_MS).unref();
    });
    worker.once('exit', () => {
      leave();
      process.off('exit', onExit);
      reject(new Error('the warehouse thread ended'));
      onEnd();
    });
  });

  const send = async <A>(message: (call: number) => WarehouseOrder): Promise<A> => {
    if (gone) throw new EngineError(ENGINE, 'fatal', `the warehouse does not run: ${trouble ?? 'stopped'}`);
    return calls.ask<A>((call) => worker.postMessage(message(call)));
  };
  const ask = <A>(order: Exclude<WarehouseOrder['order'], 'link'>): Promise<A> => send((call) => ({ order, call }));
  return {
    sqlPort,
    trouble: () => trouble,
    held: () => held,
    lag: () => ask<WarehouseLag>('lag'),
    loadedTo: () => ask<number>('loaded'),
    verify: () => ask<Verification['projections']>('verify'),
    rebuild: () => ask<Verification['projections']>('rebuild'),
    link: (into) => send((call) => ({ order: 'link', call, into })),
    stop: async () => {
      if (!gone)
        await ask('stop').catch(() => {
          // One that fails leaves it open, and then nothing more is told.
          unclosed ||= !gone;
          if (unclosed) onEnd();
        });
      await end;
    },
  };
};

const ENGINE = 'warehouse';
/** A thread that failed, and what it waits for. */
const EXIT_PATIENCE_MS = 15_000;

const heldText = ({ held, placesLeft }: Extract<WarehouseReport, { report: 'held' }>): string | null =>
  held.length === 0
    ? null
    : `${held.length} question(s) at the SQL door are past their limit and cannot be ended, each at a core; ${placesLeft} place(s) are left for others; to end them, start the platform anew, and revoke the key that asked if need be`;
