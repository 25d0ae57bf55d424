import { mkdirSync, readdirSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { drainPending, Session } from 'chdb';
import { type ChdbConnection, createChdbConnection } from 'chdb/connection';
import { QueryClass, nodeEngineFactory } from 'chdb/durable/node';
import { messageOf } from '@tributary/kernel';
import { quoted } from '../schema/ddl.js';
import { saidAs } from '../warehouse-errors.js';
import { answerAnalysts, type Telling } from './answer-analysts.js';
import { configureEngine, DATABASE } from './engine-config.js';
import { Lane } from './lane.js';
import {
  CHUNKS_UNDER_WAY,
  type Answers,
  type Call,
  type Classified,
  type FromThread,
  type Insertion,
  type OpenRequest,
  type Question,
  type Statement,
  type ThreadData,
  type ToThread,
} from './protocol.js';
import { settingsText } from './statement-text.js';

/** One insert, one part: a crash leaves all of a batch or nothing, which is what lets the loader resume by position. */
const onePart =
  'max_insert_threads = 1, max_threads = 1, min_insert_block_size_rows = 4000000, min_insert_block_size_bytes = 0, max_block_size = 1000000';

const KILL_AGAIN_MS = 200;
const KILL_AGAIN_MOST_MS = 10_000;
/** An answer that is whole and larger than this keeps the place of its question until it is taken: others would pile up. */
const LARGE_BYTES = 16 * 2 ** 20;

const HELD =
  'Code: 159. DB::Exception: Timeout exceeded, and the engine cannot end this question: it works long on one value, and looks at its limits only after it. To a key nothing else is answered until it has; ask for less at once, smaller lists and shorter texts. (TIMEOUT_EXCEEDED)';

type ClientOptions = NonNullable<Parameters<typeof createClient>[0]>;

interface Asking {
  credits: number;
  /** Wakes the sender when a credit came. */
  wake: () => void;
  cancelled: boolean;
}

const open = async (request: OpenRequest, telling: Telling) => {
  const { path } = request;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const inserts = join(path, 'inserts');
  mkdirSync(inserts, { recursive: true, mode: 0o700 });
  for (const leftover of readdirSync(inserts)) rmSync(join(inserts, leftover), { force: true });

  // The first session starts the engine, with its configuration; the others share it. This one stays until the end.
  const anchor = new Session(path, { connectionArgs: [...configureEngine(path, request.memory_bytes)] });
  await anchor.queryAsync(`CREATE DATABASE IF NOT EXISTS ${DATABASE}`);
  const version = (await anchor.queryAsync('SELECT version()', { format: 'TabSeparated' })).text().trim();
  const parser = await nodeEngineFactory()();
  await parser.start({ dataPath: path, backupsAllowedPath: join(path, 'tributary') });

  // The same contract, declared twice: the client carries its own copy of the package that chDB takes the types from.
  const connection = createChdbConnection({ path }) as unknown as NonNullable<ClientOptions['connection']>;
  const loader = createClient({ connection, log: { level: ClickHouseLogLevel.OFF } });
  await loader.command({ query: `USE ${DATABASE}` });
  const writing = new Lane(1);
  const reading = new Lane(request.readers);
  const parsing = new Lane(1);
  let inserted = 0;

  const insert = async ({ table, columns, structure, bytes }: Insertion): Promise<undefined> => {
    // Inline data ends at the first empty line, wherever it stands in binary rows: hand them over as a file.
    const file = join(inserts, `${++inserted}.rows`);
    writeFileSync(file, bytes, { mode: 0o600 });
    try {
      await loader.command({
        query: `INSERT INTO ${table} (${columns.join(', ')}) SETTINGS ${onePart} SELECT * FROM file(${quoted(file)}, 'RowBinary', ${quoted(structure)})`,
      });
    } finally {
      unlinkSync(file);
    }
    return undefined;
  };

  const command = async ({ sql, settings, params }: Statement): Promise<undefined> => {
    if (Object.keys(settings).length + Object.keys(params).length === 0) {
      await loader.command({ query: sql });
      return undefined;
    }
    await connected([`USE ${DATABASE}`, ...settingsText(settings, params)], (connection) =>
      connection.chdb.queryAsync(sql),
    );
    return undefined;
  };

  /** A connection of its own, so that settings and parameters of one statement never reach another. */
  const connected = async <T>(
    prelude: readonly string[],
    use: (connection: ChdbConnection) => Promise<T>,
  ): Promise<T> => {
    const connection = createChdbConnection({ path });
    try {
      await connection.chdb.queryAsync(prelude.join('; '));
      return await use(connection);
    } finally {
      await connection.close();
    }
  };

  const analysts = answerAnalysts(request, connected, telling);

  const read = ({ sql, format, settings, params }: Statement): Promise<Uint8Array> =>
    connected([`USE ${DATABASE}`, ...settingsText(settings, params)], async (connection) =>
      (await connection.chdb.queryAsync(sql, { format })).bytes(),
    );

  const classify = async (sql: string): Promise<Classified> => {
    const { statementCount, queryClass } = await parser.analyze(sql, DATABASE);
    return {
      parsed: queryClass !== QueryClass.Unknown,
      statements: statementCount,
      readOnly: queryClass === QueryClass.ReadOnly,
    };
  };

  const call = (one: Call): Promise<Answers[keyof Answers]> => {
    switch (one.name) {
      case 'command':
        return writing.run(() => command(one.statement));
      case 'insert':
        return writing.run(() => insert(one.insertion));
      case 'read':
        return reading.run(() => read(one.statement));
      case 'classify':
        return parsing.run(() => classify(one.sql));
      default:
        return one satisfies never;
    }
  };

  /** Answers how many questions do not end: then chDB stays open, for it would wait for them. */
  const close = async (): Promise<number> => {
    await Promise.all([writing.drained(), reading.drained(), parsing.drained()]);
    const unending = await analysts.settled();
    if (unending > 0) return unending;
    await loader.close();
    await parser.close();
    anchor.close();
    await drainPending();
    await analysts.close();
    return 0;
  };

  return { version, call, ask: analysts.ask, kill: analysts.kill, close };
};

const serve = (port: MessagePort, closed: Int32Array): void => {
  let engine: Awaited<ReturnType<typeof open>> | undefined;
  const askings = new Map<number, Asking>();
  const post = (message: FromThread, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer);
  const failed = (id: number, error: unknown): void => post({ type: 'failed', id, message: saidAs(error) });
  const opened = (): NonNullable<typeof engine> => {
    if (engine === undefined) throw new Error('the engine is not open');
    return engine;
  };

  const ask = async (id: number, question: Question): Promise<void> => {
    const asking: Asking = { credits: CHUNKS_UNDER_WAY, wake: () => {}, cancelled: false };
    askings.set(id, asking);
    try {
      const wanted = (): boolean => !asking.cancelled;
      const credited = async (enough: number): Promise<boolean> => {
        while (asking.credits < enough && !asking.cancelled) await new Promise<void>((wake) => (asking.wake = wake));
        return !asking.cancelled;
      };
      await opened().ask(id, question, wanted, async (bytes, rows) => {
        if (!(await credited(1))) return false;
        asking.credits--;
        const isLarge = rows !== undefined && bytes.length > LARGE_BYTES;
        post({ type: 'chunk', id, part: { bytes, ...(rows === undefined ? {} : { rows }) } }, [bytes.buffer]);
        return credited(isLarge ? CHUNKS_UNDER_WAY : 0);
      });
      post({ type: 'end', id });
    } catch (error) {
      failed(id, error);
    } finally {
      askings.delete(id);
    }
  };

  /** Until it has ended: one that was about to begin is not found at once. */
  const cancel = async (id: number, asking: Asking): Promise<void> => {
    asking.cancelled = true;
    asking.wake();
    for (let wait_ms = KILL_AGAIN_MS; askings.has(id); wait_ms = Math.min(2 * wait_ms, KILL_AGAIN_MOST_MS)) {
      await opened()
        .kill(id)
        .catch(() => undefined);
      await sleep(wait_ms);
    }
  };

  /** Who asked is answered, though the engine goes on. */
  const onHeld = (id: number): void => {
    failed(id, new Error(HELD));
    const asking = askings.get(id);
    if (asking && !asking.cancelled) void cancel(id, asking);
  };

  const answer = async (id: number, one: Call): Promise<void> => {
    try {
      const value = await opened().call(one);
      if (!(value instanceof Uint8Array)) return post({ type: 'answer', id, value });
      const copy = new Uint8Array(value);
      post({ type: 'answer', id, value: copy }, [copy.buffer]);
    } catch (error) {
      failed(id, error);
    }
  };

  const receive = async (message: ToThread): Promise<void> => {
    switch (message.type) {
      case 'open':
        try {
          engine = await open(message, {
            onHeld,
            onChange: (held, placesLeft) => post({ type: 'held', held, placesLeft }),
          });
          return post({ type: 'opened', version: engine.version });
        } catch (error) {
          return failed(0, error);
        }
      case 'call':
        return answer(message.id, message.call);
      case 'ask':
        return ask(message.id, message.question);
      case 'credit': {
        const asking = askings.get(message.id);
        if (asking === undefined) return;
        asking.credits++;
        return asking.wake();
      }
      case 'cancel': {
        const asking = askings.get(message.id);
        return asking && cancel(message.id, asking);
      }
      case 'close': {
        const questions = (await engine?.close()) ?? 0;
        if (questions > 0) return post({ type: 'unclosed', questions });
        Atomics.store(closed, 0, 1);
        Atomics.notify(closed, 0);
        post({ type: 'closed' });
        return port.close();
      }
      default:
        return message satisfies never;
    }
  };

  // A thread that ended on the spot would wait for what the engine is at, or crash the process under it.
  process.on('uncaughtException', (error) => post({ type: 'broken', message: messageOf(error) }));
  port.on('message', (message: ToThread) => void receive(message));
};

if (parentPort) serve(parentPort, (workerData as ThreadData).closed);
