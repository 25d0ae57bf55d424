import { parentPort, workerData } from 'node:worker_threads';
import { afterWork, collectGarbage } from './after-work.js';
import { KeyReader } from './key-table.js';
import { KeyCache, SubjectKeys } from './key-vault.js';
import { KeysHere } from './keys-here.js';
import { toFailure } from './protocol.js';
import { keysFile, openForReading } from './schema.js';
import { type FromSealer, GONE, type SealingStart, type ToSealer } from './sealing-thread.js';
import { sealEvents } from './to-seal.js';

/** Seals events in frames that another thread goes on writing, with keys that it looks up or makes here. */
const { dir, masterKey, cachedKeys, done } = workerData as SealingStart;
const main = parentPort!;

const file = openForReading(keysFile(dir));
const reader = new KeyReader(file);
const keysHere = new KeysHere(dir, masterKey);
const cache = new KeyCache(cachedKeys);
const keys = new SubjectKeys({
  reads: {
    keysOf: async (subjects) => reader.ofSubjects(subjects),
    keysById: async (ids) => reader.byId(ids),
  },
  masterKey,
  cache,
  make: (subjects) => keysHere.make(subjects),
});

// Whoever waits without hearing of anything hears of this.
process.once('exit', () => {
  Atomics.store(done, 0, GONE);
  Atomics.notify(done, 0);
});

const rest = (): void => {
  file.exec('PRAGMA shrink_memory');
  collectGarbage();
};
const stopResting = afterWork(rest);

const carryOut = async (order: ToSealer): Promise<void> => {
  switch (order.order) {
    case 'seal':
      return sealEvents(Buffer.from(order.frame), order.toSeal, await keys.keysFor(order.toSeal.owners));
    case 'forget':
      return cache.forget(order.subjects);
    case 'rest':
      return rest();
    case 'close':
      stopResting();
      keysHere.close();
      return file.close();
  }
};

/** One after the other: whoever is told that a key is forgotten must not find it in use. */
let before = Promise.resolve();
main.on('message', (order: ToSealer) => {
  before = before.then(async () => {
    let failure: FromSealer['failure'];
    try {
      await carryOut(order);
    } catch (error) {
      failure = toFailure(error);
    }
    Atomics.add(done, 0, 1);
    Atomics.notify(done, 0);
    main.postMessage({ id: order.id, ...(failure && { failure }) } satisfies FromSealer);
    if (order.order === 'close') main.close();
  });
});
