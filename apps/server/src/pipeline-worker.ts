import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { loadIdentityRules, loadLifecycleRules, openCatalogue } from '@tributary/contracts';
import { afterWork, collectGarbage, connectEmbedded } from '@tributary/embedded';
import { EngineError, messageOf } from '@tributary/kernel';
import { Pipeline, type PipelineContext, ProcessingTime, type Scratch } from '@tributary/pipeline';
import { mixEngines } from './engines/mixed.js';
import { workerEngines } from './engines/worker-engines.js';
import { inBackground } from './platform/background.js';
import { type Verification } from './ops/operations.js';
import { interruptible, PipelineTurns } from './platform/pipeline-turns.js';
import { type PipelineOrder, type PipelineReport, type PipelineStart } from './platform/pipeline-messages.js';
import { openScratch } from './platform/scratch.js';
import { systemClock } from './platform/system-clock.js';
import { failedBy } from './platform/thread-failure.js';

/**
 * The pipeline's thread: it reads the log and the documents here, at once, and its commits go to the store's writer
 * thread, so that neither holds up the doors.
 */
const start = workerData as PipelineStart;
const main = parentPort;
if (main === null) throw new Error('pipeline-worker runs as a worker thread');
const report = (message: PipelineReport): void => main.postMessage(message);

inBackground(15);
const channels = new Set(start.channels);
const engines = workerEngines(start);
const { store: connection } = await mixEngines(
  await connectEmbedded({ dir: start.dataDir, port: start.port, reads: 'here' }),
  engines,
);
const context: PipelineContext = {
  ports: connection,
  catalogue: openCatalogue(),
  identityRules: loadIdentityRules({ lookupKey: start.lookupKey }),
  lifecycleRules: loadLifecycleRules(),
  clock: systemClock,
  onKeysBack: (keys) => report({ report: 'keys back', keys }),
  onPassedOver: (record) => report({ report: 'passed over', ...record }),
  ...(start.engines.keysLostTo === undefined ? {} : { keysLostTo: start.engines.keysLostTo }),
};

const time = new ProcessingTime(systemClock, (leap_ms) => report({ report: 'clock', leap_ms }));
let pipeline: Pipeline | undefined;
let stopping = false;

let waits = false;
const PATIENCE_MS = 2_000;
/** Whoever has begun again and not failed for so long is well, also where there is nothing to commit. */
const WELL_MS = 5_000;

const begin = async (): Promise<void> => {
  const current = new Pipeline(context, {
    channels: [...channels],
    unitRecords: start.plan.unitRecords,
    unitSubjects: start.plan.unitSubjects,
    rememberedSubjects: start.plan.rememberedSubjects,
    onCommitted: committed,
    time,
  });
  pipeline = current;
  const { done } = await current.start();
  const well = setTimeout(committed, WELL_MS).unref();
  done.catch((error: unknown) => {
    clearTimeout(well);
    if (pipeline !== current) return;
    if (error instanceof EngineError && error.failure === 'retriable')
      turns.change(() => beginAgain(current, error.message));
    else void end(messageOf(error));
  });
};

const committed = (): void => {
  if (!waits) return;
  waits = false;
  report({ report: 'waiting', message: null });
};

/** A full disk is no bug: nothing of the batch was kept, and a new pipeline takes it up where the store stands. */
const beginAgain = async (former: Pipeline, message: string): Promise<void> => {
  if (stopping || pipeline !== former) return;
  waits = true;
  report({ report: 'waiting', message });
  await former.stop().catch(() => undefined);
  await sleep(PATIENCE_MS);
  if (!stopping) await begin();
};

const end = async (message: string | null): Promise<void> => {
  if (stopping) return;
  stopping = true;
  turns.interrupt();
  await pipeline?.stop().catch(() => undefined);
  await engines.opened.close();
  await connection.close().catch(() => undefined);
  report({ report: 'stopped', message });
  main.close();
};

const examine = async (order: 'verify' | 'rebuild', signal: AbortSignal): Promise<Verification> => {
  const scratch = await openScratch(start.dataDir, { masterKey: start.masterKey, reads: 'here' });
  try {
    // A repair under way is safe to leave: each document changes at once, and what is left is mended by the next.
    const beside: Scratch = { ...scratch, documents: interruptible(scratch.documents, signal) };
    const verification = order === 'verify' ? await pipeline?.verify(beside) : await pipeline?.repair(beside);
    if (verification === undefined) throw new Error('the pipeline does not run');
    return verification;
  } finally {
    await scratch.close();
  }
};

/** A consumption's topics are fixed when it begins: a channel more is a new one. */
const widen = async (channel: string): Promise<void> => {
  if (channels.has(channel) || stopping) return;
  channels.add(channel);
  await pipeline?.stop();
  await begin();
};

const turns = new PipelineTurns((error) => end(messageOf(error)));
main.on('message', (order: PipelineOrder) => {
  if (order.order === 'verify' || order.order === 'rebuild') {
    const { order: what, call } = order;
    turns
      .examine((signal) => examine(what, signal))
      .then(
        (verification) => report({ report: 'answered', call, verification }),
        (error: unknown) => report({ report: 'failed', call, ...failedBy(error) }),
      );
    return;
  }
  if (order.order === 'channel' && channels.has(order.channel)) return;
  turns.change(order.order === 'stop' ? () => end(null) : () => widen(order.channel));
});

await begin();
/** More than all other threads together hold after a backlog: the sooner it goes back, the better. */
const LOOK_MS = 1_500;
afterWork(
  async () => {
    // One that has failed, or is being replaced, remembers nothing for long.
    await pipeline?.rest().catch(() => undefined);
    // Nor does a store that is gone.
    await connection.rest().catch(() => undefined);
    collectGarbage();
  },
  { look_ms: LOOK_MS, isDone: () => pipeline?.isAtRest ?? true },
);
report({ report: 'started' });
