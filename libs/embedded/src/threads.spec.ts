import { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { keysInClear } from '@tributary/kernel/contracts';
import { dir, entry, open, store } from './controls/data-folder.js';
import { event, record } from './controls/records.js';
import { connectEmbedded } from './index.js';

describe('threads', () => {
  it('share one writer: an append in one wakes a consumer in another, at once', async () => {
    const { log, mintPort } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 2 }]);
    const port = mintPort();
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       import('${entry}').then(async ({ connectEmbedded }) => {
         const store = await connectEmbedded(workerData);
         const consumption = store.log.consume({ group: 'g', topics: ['in'], maxRecords: 10, onBatch: async ({ records }) => {
           await store.documents.put(records.map(({ key }) => ({ kind: 'subject', key, version: 1, body: 'from the worker' })));
           parentPort.postMessage(records.map(({ key }) => key));
         } });
         parentPort.on('message', async () => { await consumption.stop(); await store.close(); parentPort.close(); });
         parentPort.postMessage('ready');
       });`,
      { eval: true, workerData: { dir, port }, transferList: [port] },
    );
    const said = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
    expect(await said()).toBe('ready');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const times_ms: number[] = [];
    for (let i = 0; i < 5; i++) {
      const heard = said();
      const begun = performance.now();
      await log.append([{ topic: 'in', records: [record(`k${i}`, 'x')] }]);
      expect(await heard).toEqual([`k${i}`]);
      times_ms.push(performance.now() - begun);
      expect((await store!.documents.get('subject', [`k${i}`]))[0]?.body).toBe('from the worker');
    }
    // Told, not found by looking each 200 ms after the one before; a busy machine may hold up some of them.
    expect(Math.min(...times_ms.slice(1))).toBeLessThan(150);
    worker.postMessage('stop');
    await new Promise((resolve) => worker.once('exit', resolve));
  });

  it('that read in place make keys without waiting for what is being written', async () => {
    const { log, vault } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    const order: string[] = [];
    const records = Array.from({ length: 50_000 }, (_, i) => record(`k${i}`, 'x'.repeat(100)));
    const written = log.append([{ topic: 'in', records }]).then(() => order.push('written'));
    const made = vault.keysFor(['s']).then(() => order.push('made'));
    await Promise.all([written, made]);
    expect(order).toEqual(['made', 'written']);
  });

  it('give a subject one key, whichever of them makes it', async () => {
    const { vault, mintPort } = await open();
    const others = await Promise.all(
      (['here', 'thread'] as const).map((reads) => connectEmbedded({ dir, port: mintPort(), reads })),
    );
    const vaults = [vault, ...others.map((other) => other.vault)];
    const subjects = Array.from({ length: 200 }, (_, i) => `s_${i}`);
    const [first, ...more] = await Promise.all(vaults.map((one) => one.keysFor(subjects)));
    for (const keys of more) expect(keysInClear(keys)).toEqual(keysInClear(first!));
    expect(await vault.destroy(await vault.idsOf(['s_7']))).toBe(1);
    for (const one of vaults) expect((await one.keysFor(['s_7'])).get('s_7')!.keyId).not.toBe(first!.get('s_7')!.keyId);
    expect(
      new Set((await Promise.all(vaults.map((one) => one.keysFor(['s_7'])))).map((k) => k.get('s_7')!.keyId)).size,
    ).toBe(1);
    await Promise.all(others.map((other) => other.close()));
  });

  it('forget a key before its destruction counts as done', async () => {
    const { vault, mintPort } = await open();
    const port = mintPort();
    const worker = new Worker(
      `const { workerData, parentPort } = require('node:worker_threads');
       import('${entry}').then(async ({ connectEmbedded }) => {
         const store = await connectEmbedded(workerData);
         parentPort.on('message', async (stop) => {
           if (stop) { await store.close(); return parentPort.close(); }
           parentPort.postMessage((await store.vault.keysFor(['s'])).get('s').keyId);
         });
         parentPort.postMessage('ready');
       });`,
      { eval: true, workerData: { dir, port }, transferList: [port] },
    );
    const said = () => new Promise<unknown>((resolve) => worker.once('message', resolve));
    await said();
    const ask = () => {
      const heard = said();
      worker.postMessage(false);
      return heard;
    };
    const first = await ask();
    expect(await ask()).toBe(first);
    expect((await vault.keysFor(['s'])).get('s')!.keyId).toBe(first);
    await vault.destroy(await vault.idsOf(['s']));
    expect(await ask()).not.toBe(first);
    worker.postMessage(true);
    await new Promise((resolve) => worker.once('exit', resolve));
  });

  it('tell of commits with the position of the newest event', async () => {
    const { events, onCommit } = await open();
    const heads: number[] = [];
    const off = onCommit((head) => heads.push(head));
    await events.append([{ stream: 'a-1', expectedRevision: -1, events: [event(), event()] }]);
    off();
    await events.append([{ stream: 'a-1', expectedRevision: 1, events: [event()] }]);
    expect(heads).toEqual([1]);
  });
});
