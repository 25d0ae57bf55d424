import { afterEach, describe, expect, it } from '@jest/globals';
import { type CustomerId } from '@tributary/kernel';
import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { refusalOf } from '../refusal.js';
import { type ProfilesThread, startProfilesThread } from './profiles-thread.js';

/** Answers with what it was asked, in that order; `timeline` ends the thread unless it goes on, a fold waits until it is told `go`. */
const script = `
  const { parentPort } = require('node:worker_threads');
  const gate = new Int32Array(require('node:worker_threads').workerData);
  parentPort.on('message', (message) => {
    if (message === 'stop') return parentPort.close();
    const { call, read, args } = message;
    if (read === 'timeline' && args[1].before === undefined) process.exit(1);
    if (args[read === 'get' ? 1 : 2]?.asOf !== undefined) Atomics.wait(gate, 0, 0);
    parentPort.postMessage({ call, value: args[0] });
  });
  parentPort.postMessage('started');
`;
const gate = new Int32Array(new SharedArrayBuffer(4));
const id = (n: number): CustomerId => `c_${n}` as CustomerId;
const when = { asOf: 1 };
let thread: ProfilesThread;
let spawned = 0;

const begin = async (): Promise<ProfilesThread> => {
  Atomics.store(gate, 0, 1);
  spawned = 0;
  const spawn = (): Worker => {
    spawned += 1;
    return new Worker(script, { eval: true, workerData: gate.buffer });
  };
  return (thread = await startProfilesThread(spawn, pino({ level: 'silent' })));
};

const open = (): void => {
  Atomics.store(gate, 0, 1);
  Atomics.notify(gate, 0);
};

afterEach(async () => {
  open();
  await thread.stop();
});

/** Begins after so many ms; `timeline` ends it. */
const slow = `
  const { parentPort, workerData } = require('node:worker_threads');
  parentPort.on('message', (message) => (message === 'stop' ? parentPort.close() : process.exit(1)));
  setTimeout(() => parentPort.postMessage('started'), workerData);
`;

describe('the thread of reads', () => {
  it('stops also while it begins anew', async () => {
    spawned = 0;
    const spawn = (): Worker => new Worker(slow, { eval: true, workerData: spawned++ === 0 ? 0 : 500 });
    thread = await startProfilesThread(spawn, pino({ level: 'silent' }));
    await thread.profiles.timeline(id(1), { limit: 1 }).catch(() => undefined);
    while (spawned < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await thread.stop();
    expect(thread.trouble()).not.toBeNull();
  });

  it('is tried again where it cannot even be made', async () => {
    spawned = 0;
    const spawn = (): Worker => {
      if (spawned++ === 1) throw new Error('no more threads');
      return new Worker(slow, { eval: true, workerData: 0 });
    };
    thread = await startProfilesThread(spawn, pino({ level: 'silent' }));
    await thread.profiles.timeline(id(1), { limit: 1 }).catch(() => undefined);
    while (spawned < 3 || thread.trouble() !== null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(spawned).toBe(3);
  });

  it('begins anew when it has died; who asked is told to come again', async () => {
    const { profiles, trouble } = await begin();
    const dying = profiles.timeline(id(1), { limit: 1 });
    const beside = profiles.get(id(2));
    const refusals = await Promise.all([dying, beside].map((read) => read.catch((error: unknown) => refusalOf(error))));
    for (const refusal of refusals)
      expect(refusal).toMatchObject({ status: 503, headers: { 'retry-after': expect.anything() } });
    expect(trouble()).not.toBeNull();
    await expect(profiles.get(id(3))).rejects.toMatchObject({ failure: 'retriable' });
    while (trouble() !== null) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await profiles.get(id(4))).toBe(id(4));
    expect(spawned).toBe(2);
  });

  it('lets no other read wait for more than one fold, and bounds what waits', async () => {
    const { profiles } = await begin();
    Atomics.store(gate, 0, 0);
    const answered: string[] = [];
    const folds = [1, 2, 3].map((n) => profiles.get(id(n), when as never).then(() => answered.push(`fold ${n}`)));
    // As the door asks for today: at no moment.
    const other = profiles.get(id(9), {}).then(() => answered.push('other'));
    const crowd = Array.from({ length: 60 }, (_, n) => profiles.get(id(n), when as never));
    const refused = (await Promise.allSettled(crowd.slice(48))).map(({ status }) => status);
    expect(new Set(refused)).toEqual(new Set(['rejected']));
    open();
    await Promise.all([...folds, other, ...crowd.slice(0, 48)]);
    expect(answered).toEqual(['fold 1', 'other', 'fold 2', 'fold 3']);
  });

  it('counts an identifier at a moment as a fold', async () => {
    const { profiles } = await begin();
    Atomics.store(gate, 0, 0);
    const folds = [1, 2].map((n) => profiles.findByIdentifier('phone', `${n}`, when));
    const answered: string[] = [];
    const both = Promise.all(folds).then(() => answered.push('folds'));
    const other = profiles.findByIdentifier('phone', '3', {}).then(() => answered.push('other'));
    // One fold is in the thread's hands, and the other comes after what is of today.
    open();
    await Promise.all([both, other]);
    expect(answered).toEqual(['other', 'folds']);
  });

  it('has one timeline in hand at a time, for which all events of the customer are read, beside a fold', async () => {
    const { profiles } = await begin();
    Atomics.store(gate, 0, 0);
    const answered: string[] = [];
    const fold = profiles.get(id(1), when).then(() => answered.push('fold'));
    const pages = [2, 3].map((n) =>
      profiles.timeline(id(n), { limit: 1, before: 'x' }).then(() => answered.push(`page ${n}`)),
    );
    const other = profiles.get(id(4), {}).then(() => answered.push('other'));
    open();
    await Promise.all([fold, ...pages, other]);
    expect(answered).toEqual(['fold', 'page 2', 'other', 'page 3']);
  });

  it('answers what it has in hand when it stops, and refuses what waits', async () => {
    const { profiles, stop } = await begin();
    Atomics.store(gate, 0, 0);
    const [inHand, waiting] = [profiles.get(id(1), when as never), profiles.get(id(2), when as never)];
    const refused = expect(waiting).rejects.toMatchObject({ failure: 'retriable' });
    const stopped = stop();
    await refused;
    open();
    await stopped;
    expect(await inHand).toBe(id(1));
    await expect(profiles.get(id(3))).rejects.toMatchObject({ failure: 'retriable' });
  });
});
