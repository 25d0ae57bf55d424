import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import {
  EngineError,
  type Clock,
  type DocumentStore,
  type EffectSink,
  type EventStore,
  type KeyVault,
  type Log,
  type SeenStore,
  SteadyTime,
} from '@tributary/kernel';
import { copyStore } from './copy-store.js';
import { EmbeddedDocuments, EmbeddedSeen } from './documents.js';
import { EmbeddedSink } from './effect-sink.js';
import { ENGINE } from './engine.js';
import { EmbeddedEventStore } from './event-store.js';
import { lockFolder } from './folder-lock.js';
import { EmbeddedKeyVault, KeyCache, type MakeKeys } from './key-vault.js';
import { KeysHere } from './keys-here.js';
import { EmbeddedLog } from './log.js';
import { type WriterStats } from './protocol.js';
import { readsHere, readsOnThread } from './reader-link.js';
import { type WriterTuning } from './schema.js';
import { SealingThread } from './sealing-thread.js';
import { type Reads } from './store-reader.js';
import { Topics } from './topics.js';
import { type Forget, WriterLink } from './writer-link.js';

export interface ConnectOptions {
  readonly dir: string;
  /** From `mintPort` of the thread that opened the store. */
  readonly port: MessagePort;
  /**
   * `here` (the default): on this thread, at once, for a thread that has nothing else to answer. It makes keys itself, too:
   * the writer thread would do so only after the write that it has in hand.
   * `thread`: on a thread of its own, so that this one never blocks.
   */
  readonly reads?: 'here' | 'thread';
  /** Bytes of writes under way, beyond which writes wait; 32 MB by default. */
  readonly inFlight_bytes?: number;
  /** Subject keys that are remembered, unwrapped; 50,000 by default. */
  readonly cachedKeys?: number;
}

export interface OpenOptions extends Omit<ConnectOptions, 'port'>, WriterTuning {
  /** 32 bytes; wraps the keys of subjects. */
  readonly masterKey: Uint8Array;
  /**
   * Processing time for the log's retention, which is looked at every minute; absent: only `expire` drops records. A clock
   * that can tell how long it has been going (`elapsed_ms`) has to go on steadily for ten minutes before anything is dropped by it.
   */
  readonly clock?: Clock;
}

export interface EmbeddedStats extends WriterStats {
  readonly pressure: number;
}

/** All ports over one data folder, as one thread of the process sees them. */
export interface Connection {
  readonly log: Log;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly seen: SeenStore;
  readonly vault: KeyVault;
  readonly sink: EffectSink;
  /** Share of the bound on writes under way; from 1 on they wait, and a door does better to answer 503. */
  pressure(): number;
  /** Calls back after each commit of any thread, with the position of the newest event. Answers how to end that. */
  onCommit(listener: (head: number) => void): () => void;
  /** Drops log segments older than their topics keep them; answers how many records went. */
  expire(now_ms: number): Promise<number>;
  /** What was deleted or overwritten is gone from the files of the data folder when this resolves. */
  scrub(): Promise<void>;
  /** Copies the files of the data folder as they are at one moment to a folder that has none; writing goes on. */
  copy(into: string): Promise<void>;
  stats(): Promise<EmbeddedStats>;
  /**
   * Gives back what is kept so that the next large write is quick; for a thread that has nothing to do. The memory of large frames
   * is shared with the threads that seal and write them, so these collect their garbage, too.
   */
  rest(): Promise<void>;
  /** Waits for writes under way. The opener's also ends the writer thread and gives the folder back. */
  close(): Promise<void>;
}

export interface Embedded extends Connection {
  /** A port for `connectEmbedded` in another thread (transfer it); good for one connection. */
  mintPort(): MessagePort;
}

const EXPIRY_MS = 60_000;

export const connectEmbedded = async (options: ConnectOptions): Promise<Connection> => {
  const cachedKeys = options.cachedKeys ?? 50_000;
  const cache = new KeyCache(cachedKeys);
  // Known when the writer has said with which key it begins.
  const beside: { sealing?: SealingThread } = {};
  const forget: Forget = (subjects) => {
    cache.forget(subjects);
    return beside.sealing?.forget(subjects);
  };
  const { link, masterKey } = await WriterLink.open(options.port, options.inFlight_bytes ?? 32 * 2 ** 20, forget);
  const sealing = (beside.sealing = new SealingThread(options.dir, masterKey, cachedKeys));
  const reads: Reads = options.reads === 'thread' ? readsOnThread(options.dir) : readsHere(options.dir);
  const keysHere = options.reads === 'thread' ? undefined : new KeysHere(options.dir, masterKey);
  const make: MakeKeys = (subjects) => keysHere?.make(subjects) ?? link.call({ name: 'ensureKeys', subjects });
  const vault = new EmbeddedKeyVault(link, { reads, masterKey, cache, make });
  const sink = new EmbeddedSink(link, new Topics(reads), { vault, thread: sealing });
  return {
    log: new EmbeddedLog(sink, reads),
    events: new EmbeddedEventStore(sink, reads),
    documents: new EmbeddedDocuments(sink, reads),
    seen: new EmbeddedSeen(sink, reads),
    vault,
    sink,
    pressure: () => link.pressure(),
    onCommit: (listener) => link.onCommit(listener),
    expire: (now_ms) => link.call({ name: 'expire', now_ms }),
    scrub: () => link.call({ name: 'scrub' }),
    copy: (into) => copyStore(options.dir, into),
    stats: async () => ({ ...(await link.call({ name: 'stats' })), pressure: link.pressure() }),
    rest: async () => {
      sink.rest();
      await Promise.all([sealing.rest(), link.call({ name: 'rest' })]);
    },
    close: async () => {
      await sink.settled();
      await link.close();
      await sealing.close();
      await reads.close();
      keysHere?.close();
    },
  };
};

/** Starts the writer thread over a data folder; refused while another process has it. */
export const openEmbedded = async (options: OpenOptions): Promise<Embedded> => {
  if (options.masterKey.length !== 32) throw new TypeError('the master key must be 32 bytes');
  const lock = lockFolder(options.dir);
  const writer = await startWriter(options).catch((error: unknown) => {
    lock.release();
    throw error;
  });
  const ended = new Promise<void>((resolve) => writer.once('exit', () => resolve()));
  const mintPort = (): MessagePort => {
    const { port1, port2 } = new MessageChannel();
    writer.postMessage({ connect: port1 }, [port1]);
    return port2;
  };
  const control = await WriterLink.open(mintPort(), 1, () => {});
  const connection = await connectEmbedded({ ...options, port: mintPort() });
  const { clock } = options;
  // What is dropped is gone: a clock that we have not seen going on steadily yet has nothing expire, it is 1970.
  const time = clock && new SteadyTime(clock, { from: 0 });
  const expiry = time && setInterval(() => void connection.expire(time.now()).catch(() => {}), EXPIRY_MS).unref();
  let closing: Promise<void> | undefined;
  const close = async () => {
    clearInterval(expiry);
    await connection.close();
    writer.ref();
    if (!control.link.gone) await control.link.call({ name: 'shutdown' });
    await ended;
    lock.release();
  };
  return { ...connection, mintPort, close: () => (closing ??= close()) };
};

const startWriter = async ({ dir, masterKey, quota_bytes, cache_bytes }: OpenOptions): Promise<Worker> => {
  const tuning: WriterTuning = {
    ...(quota_bytes === undefined ? {} : { quota_bytes }),
    ...(cache_bytes === undefined ? {} : { cache_bytes }),
  };
  const worker = new Worker(new URL('../dist/writer-worker.js', import.meta.url), {
    workerData: { dir, masterKey: new Uint8Array(masterKey), tuning },
    name: 'tributary-writer',
    // Flags of the main script (`--input-type`, a loader, a profiler) are not for a compiled file.
    execArgv: [],
  });
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve());
    worker.once('error', (cause: Error) => reject(new EngineError(ENGINE, 'fatal', cause.message, { cause })));
    worker.once('exit', () => reject(new EngineError(ENGINE, 'fatal', 'the writer thread ended at its start')));
  });
  // Its failure reaches every connection as a closed port; here it must only not take the process down unheard.
  worker.on('error', () => {});
  worker.unref();
  return worker;
};
