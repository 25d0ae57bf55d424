import { parentPort, workerData } from 'node:worker_threads';
import { loadIdentityRules, loadLifecycleRules, openCatalogue } from '@tributary/contracts';
import { afterWork, collectGarbage, connectEmbedded } from '@tributary/embedded';
import { messageOf } from '@tributary/kernel';
import { logFeed, ProcessingTime, Processor, Projector, repair, type StageContext, verify } from '@tributary/pipeline';
import { kafkaFeed } from './stages/kafka-feed.js';
import { type Keeping, keepRunning } from './stages/keep-running.js';
import { mixEngines } from './engines/mixed.js';
import { workerEngines } from './engines/worker-engines.js';
import { type PipelineOrder, type PipelineReport, type PipelineStart } from './platform/pipeline-messages.js';
import { openScratch } from './platform/scratch.js';
import { systemClock } from './platform/system-clock.js';
import { failedBy } from './platform/thread-failure.js';

/** As the pipeline's thread, where engines share no transaction: a processor and a projector, each kept running. */
const start = workerData as PipelineStart;
const main = parentPort;
if (main === null) throw new Error('stages-worker runs as a worker thread');
const report = (message: PipelineReport): void => main.postMessage(message);

const channels = new Set(start.channels);
const engines = workerEngines(start);
const own = await connectEmbedded({ dir: start.dataDir, port: start.port, reads: 'here' });
const { store, kafka } = await mixEngines(own, engines);
const context: StageContext = {
  ports: store,
  catalogue: openCatalogue(),
  identityRules: loadIdentityRules({ lookupKey: start.lookupKey }),
  lifecycleRules: loadLifecycleRules(),
  clock: systemClock,
  onKeysBack: (keys) => report({ report: 'keys back', keys }),
  onPassedOver: (record) => report({ report: 'passed over', ...record }),
  ...(start.engines.keysLostTo === undefined ? {} : { keysLostTo: start.engines.keysLostTo }),
};
const time = new ProcessingTime(systemClock, (leap_ms) => report({ report: 'clock', leap_ms }));
let kept: readonly Keeping[] = [];
let projector: Projector | undefined;
let stopping = false;

const waiting = (message: string | null): void => report({ report: 'waiting', message });

const begin = (): void => {
  const topics = [...channels];
  const processing: Keeping = keepRunning(
    () =>
      new Processor(context, {
        channels: topics,
        onTaken: () => processing.progressed(),
        onGone: (gone) => report({ report: 'gone', ...gone }),
      }),
    waiting,
  );
  const projecting: Keeping = keepRunning(() => {
    const fenced = kafka && kafkaFeed(kafka, store.log);
    const current = new Projector(context, fenced ?? logFeed(store.log), {
      channels: topics,
      onProgress: () => projecting.progressed(),
      time,
    });
    projector = current;
    return {
      start: () => current.start(),
      stop: async () => {
        await current.stop();
        await fenced?.close();
      },
    };
  }, waiting);
  kept = [processing, projecting];
  for (const { done } of kept) done.catch((error: unknown) => void end(messageOf(error)));
};

const stopStages = async (): Promise<void> => {
  await Promise.all(kept.map((stage) => stage.stop()));
};

const end = async (message: string | null): Promise<void> => {
  if (stopping) return;
  stopping = true;
  await stopStages();
  await engines.opened.close();
  await own.close().catch(() => undefined);
  report({ report: 'stopped', message });
  main.close();
};

const examine = async (order: 'verify' | 'rebuild', call: number): Promise<void> => {
  try {
    const scratch = await openScratch(start.dataDir, { masterKey: start.masterKey, reads: 'here' });
    try {
      const held = projector;
      if (!held) throw new Error('the projector does not run');
      const verification = await (order === 'verify' ? verify : repair)(context, scratch, (work) => held.still(work));
      report({ report: 'answered', call, verification });
    } finally {
      await scratch.close();
    }
  } catch (error) {
    report({ report: 'failed', call, ...failedBy(error) });
  }
};

let turn: Promise<void> = Promise.resolve();
const inTurn = (work: () => Promise<void>): void => {
  turn = turn.then(work).catch((error: unknown) => end(messageOf(error)));
};

main.on('message', (order: PipelineOrder) => {
  if (order.order === 'verify' || order.order === 'rebuild') return inTurn(() => examine(order.order, order.call));
  if (order.order === 'stop') return inTurn(() => end(null));
  inTurn(async () => {
    if (channels.has(order.channel) || stopping) return;
    channels.add(order.channel);
    await stopStages();
    begin();
  });
});

begin();
afterWork(async () => {
  // A store that is gone keeps nothing.
  await own.rest().catch(() => undefined);
  collectGarbage();
});
report({ report: 'started' });
