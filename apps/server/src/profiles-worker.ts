import { parentPort, workerData } from 'node:worker_threads';
import { loadIdentityRules, loadLifecycleRules, makeIdentify, openCatalogue } from '@tributary/contracts';
import { connectEmbedded } from '@tributary/embedded';
import { openProfiles } from '@tributary/query';
import {
  type ProfilesCall,
  type ProfilesOrder,
  type ProfilesReport,
  type ProfilesStart,
  toThrown,
} from './platform/profiles-messages.js';
import { systemClock } from './platform/system-clock.js';

/** The thread of reads: a customer is read, folded and rendered here, while the doors' thread takes what comes in. */
const start = workerData as ProfilesStart;
const main = parentPort;
if (main === null) throw new Error('profiles-worker runs as a worker thread');
const report = (message: ProfilesReport): void => main.postMessage(message);

const store = await connectEmbedded({ dir: start.dataDir, port: start.port, reads: 'here' });
const identityRules = loadIdentityRules({ lookupKey: start.lookupKey });
const profiles = openProfiles({
  ...store,
  catalogue: openCatalogue(),
  identify: makeIdentify({ lookupKey: start.lookupKey, rules: identityRules }),
  identityRules,
  lifecycleRules: loadLifecycleRules(),
  clock: systemClock,
});

const answer = async ({ call, read, args }: ProfilesCall): Promise<void> => {
  try {
    const asked = profiles[read] as (...args: readonly unknown[]) => Promise<unknown>;
    report({ call, value: await asked(...args) });
  } catch (error) {
    report({ call, thrown: toThrown(error) });
  }
};

main.on('message', (order: ProfilesOrder) => {
  if (order !== 'stop') return void answer(order);
  // A close that fails ends the thread with its error, which whoever stops it is told.
  void store.close().then(() => main.close());
});
report('started');
