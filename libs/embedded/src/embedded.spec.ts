import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { noEffects, StoreFull, type LogRecord, type NewEvent } from '@tributary/kernel';
import { keysInClear } from '@tributary/kernel/contracts';
import { connectEmbedded, openEmbedded, type Embedded, type OpenOptions } from './index.js';

const masterKey = new Uint8Array(32).fill(9);
const entry = new URL('../dist/index.js', import.meta.url).href;
let dir: string;
let store: Embedded | undefined;

const open = async (options: Partial<OpenOptions> = {}): Promise<Embedded> =>
  (store = await openEmbedded({ dir, masterKey, ...options }));
const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const record = (key: string | null, text: string, timestamp_ms = 1): LogRecord => ({
  key,
  value: bytes(text),
  timestamp_ms,
});
let lastId = 0;
const event = (text = 'x'): NewEvent => ({
  id: `event-${++lastId}`,
  type: 'Happened',
  data: bytes(text),
  metadata: { recordedAt: 1 },
});

/** Files in which a text lies. By another process: closing a file here would drop SQLite's locks on it. */
const filesWith = (text: string): string[] =>
  readdirSync(dir).filter((file) => spawnSync('grep', ['-q', '-a', '-F', text, join(dir, file)]).status === 0);

/** Runs a script in a process of its own, which prints lines. */
const script = (body: string) =>
  spawn(
    process.execPath,
    ['--input-type=module', '-e', `import { openEmbedded, connectEmbedded } from '${entry}';${body}`],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    },
  );

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-embedded-'));
});
afterEach(async () => {
  await store?.close();
  store = undefined;
  rmSync(dir, { recursive: true });
});

describe('the data folder', () => {
  it('holds files that only its owner reads, and leaves the mode of those that are there', async () => {
    const modes = () =>
      readdirSync(dir)
        .filter((file) => file.includes('.db'))
        .map((file) => [file, (statSync(join(dir, file)).mode & 0o777).toString(8)]);
    await (await open()).log.ensureTopics([{ name: 't', partitions: 1 }]);
    expect(modes().length).toBeGreaterThan(3);
    for (const [file, mode] of modes()) expect([file, mode]).toEqual([file, '600']);
    await store?.close();
    chmodSync(join(dir, 'tributary.db'), 0o640);
    await open();
    expect(modes()).toContainEqual(['tributary.db', '640']);
  });

  it('is refused to a second process, by pid and folder, and to a second opener in this one', async () => {
    await open();
    await expect(openEmbedded({ dir, masterKey })).rejects.toThrow(
      `the data folder ${dir} is in use by process ${process.pid}`,
    );
    const other = spawnSync(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { openEmbedded } from '${entry}'; await openEmbedded({ dir: '${dir}', masterKey: new Uint8Array(32).fill(9) })`,
      ],
      { encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } },
    );
    expect(other.status).not.toBe(0);
    expect(other.stderr).toContain(`the data folder ${dir} is in use by process ${process.pid}`);
    await store!.documents.put([{ kind: 'subject', key: 'still', version: 1, body: 'mine' }]);
  });

  it('is free again after a close, and after its process was killed', async () => {
    await (await open()).close();
    const child = script(
      `await openEmbedded({ dir: '${dir}', masterKey: new Uint8Array(32).fill(9) }); console.log('open'); setInterval(() => {}, 1000);`,
    );
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await expect(openEmbedded({ dir, masterKey })).rejects.toThrow(`process ${child.pid}`);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    await open();
  });

  it('is not opened by another master key', async () => {
    await (await open()).close();
    store = undefined;
    await expect(openEmbedded({ dir, masterKey: new Uint8Array(32) })).rejects.toThrow('master key');
    await expect(openEmbedded({ dir, masterKey: new Uint8Array(16) })).rejects.toThrow('32 bytes');
    await open();
  });
});

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

describe('bounds', () => {
  it('make writes wait instead of piling up, and show as pressure', async () => {
    const { log, pressure } = await open({ inFlight_bytes: 10_000 });
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    expect(pressure()).toBe(0);
    const appends = Array.from({ length: 50 }, (_, i) =>
      log.append([{ topic: 'in', records: [record(null, `${i}`.padEnd(4000))] }]),
    );
    let most = 0;
    void appends[0]!.then(() => (most = pressure()));
    await Promise.all(appends);
    expect(most).toBeGreaterThan(1);
    expect(pressure()).toBe(0);
    const read = await log.read({ topic: 'in', partition: 0 }, 0, 100);
    expect(read.map(({ value }) => Number(Buffer.from(value).toString()))).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    );
    await log.append([{ topic: 'in', records: [record(null, 'x'.repeat(100_000))] }]);
  });

  it('of the disk refuse a write whole, and the store goes on when there is room', async () => {
    const { log, documents, sink, events } = await open({ quota_bytes: 2_000_000 });
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    const value = 'x'.repeat(100_000);
    let written = 0;
    const fill = async () => {
      for (; ; written++)
        await sink.commit({
          ...noEffects,
          appends: [{ stream: 's-1', expectedRevision: written - 1, events: [event()] }],
          outgoing: [{ topic: 'in', records: [record('k', value)] }],
          documents: [{ kind: 'subject', key: `k${written}`, version: written, body: '{}' }],
        });
    };
    await expect(fill()).rejects.toBeInstanceOf(StoreFull);
    expect(written).toBeGreaterThan(5);
    const end = async () => (await log.partitions('in'))[0]!.end;
    expect([await end(), await documents.count('subject'), await events.head()]).toEqual([
      written,
      written,
      written - 1,
    ]);
    await log.truncate({ topic: 'in', partition: 0 }, written);
    await sink.commit({ ...noEffects, outgoing: [{ topic: 'in', records: [record('k', value)] }] });
    expect(await end()).toBe(written + 1);
  });
});

describe('erasure', () => {
  it('by truncation leaves no byte of the records in any file', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    for (let i = 0; i < 20; i++)
      await log.append([
        { topic: 'in', records: Array.from({ length: 50 }, () => record('k', `SECRET-${i}-`.repeat(20))) },
      ]);
    await log.append([{ topic: 'in', records: [record('k', 'SECRET-last'), record('k', 'KEPT')] }]);
    expect(filesWith('SECRET-19-')).not.toEqual([]);
    await log.truncate({ topic: 'in', partition: 0 }, 975);
    expect(filesWith('SECRET-3-')).toEqual([]);
    expect(filesWith('SECRET-19-')).not.toEqual([]);
    await log.truncate({ topic: 'in', partition: 0 }, 1001);
    expect(filesWith('SECRET')).toEqual([]);
    expect(filesWith('KEPT')).not.toEqual([]);
  });

  it('by deletion and a scrub leaves no byte of documents, whatever moved in between', async () => {
    const { documents, scrub } = await open();
    const size = (i: number) => 10 + ((i * 7919) % 3000);
    for (let version = 1; version <= 4; version++)
      await documents.put(
        Array.from({ length: 800 }, (_, i) => ({
          kind: 'subject' as const,
          key: `k${(i * 577) % 800}`,
          version,
          body: `SECRET${i % 3 === 0 ? 'a' : 'b'}`.padEnd(size(i * version), 'SECRETz'),
        })),
      );
    await documents.put(
      Array.from({ length: 800 }, (_, i) => ({
        kind: 'subject' as const,
        key: `k${i}`,
        version: 9,
        body: i % 2 ? null : 'harmless',
      })),
    );
    await scrub();
    expect(filesWith('SECRET')).toEqual([]);
    expect(await documents.count('subject')).toBe(400);
  });

  it('of keys leaves neither the subject’s name nor the key in the files', async () => {
    const { vault } = await open();
    const subjects = Array.from({ length: 300 }, (_, i) => `subject-NAMED-${i}-`);
    const keys = await vault.keysFor(subjects);
    const id = keys.get('subject-NAMED-7-')!.keyId;
    expect(filesWith(id)).not.toEqual([]);
    await vault.destroy(await vault.idsOf(['subject-NAMED-7-']));
    expect(filesWith(id)).toEqual([]);
    expect(filesWith('subject-NAMED-7-')).toEqual([]);
    expect(filesWith('subject-NAMED-8-')).not.toEqual([]);
    await vault.destroy(await vault.idsOf(subjects));
    expect(filesWith('subject-NAMED')).toEqual([]);
  });

  it('by age drops what a topic no longer keeps, and only that', async () => {
    const { log, expire } = await open();
    await log.ensureTopics([
      { name: 'short', partitions: 1, retention_ms: 1000 },
      { name: 'ever', partitions: 1 },
    ]);
    for (const at of [1000, 2000, 3000])
      for (const topic of ['short', 'ever'])
        await log.append([{ topic, records: [record('k', `${topic}-${at}`, at)] }]);
    expect(await expire(3500)).toBe(2);
    expect(await log.partitions('short')).toMatchObject([{ begin: 2, end: 3 }]);
    expect(await log.partitions('ever')).toMatchObject([{ begin: 0, end: 3 }]);
    expect(filesWith('short-1000')).toEqual([]);
    expect(await expire(99_999)).toBe(1);
    expect(await log.partitions('short')).toMatchObject([{ begin: 3, end: 3 }]);
  });
});

describe('a crash', () => {
  it('at any instant keeps each acknowledged batch, and each batch whole', async () => {
    await (await open()).close();
    store = undefined;
    let acknowledged = -1;
    for (let round = 0; round < 6; round++) {
      const child = script(`
        const store = await openEmbedded({ dir: '${dir}', masterKey: new Uint8Array(32).fill(9) });
        await store.log.ensureTopics([{ name: 'out', partitions: 2 }, { name: 'in', partitions: 1 }]);
        let n = (await store.events.head()) + 1;
        const commit = async (i) => {
          const text = String(i);
          await store.sink.commit({ expectedHead: i - 1,
            appends: [{ stream: 'n-' + (i % 7), expectedRevision: Math.floor(i / 7) - 1, events: [{ id: text, type: 'T', data: Buffer.from(text), metadata: { recordedAt: i } }] }],
            documents: [{ kind: 'subject', key: text, version: i, body: text.repeat(300) }],
            seen: [{ key: text, at: 'in/0/' + i }],
            outgoing: [{ topic: 'out', records: [{ key: text, value: Buffer.from(text), timestamp_ms: 1 }] }],
            offsets: [{ group: 'g', topic: 'in', partition: 0, next: i + 1 }] });
          process.stdout.write(text + '\\n');
        };
        for (;;) { const batch = []; for (let k = 0; k < 4; k++) batch.push(commit(n++)); await Promise.all(batch); }`);
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 40 + round * 37));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      acknowledged = Math.max(acknowledged, ...printed.split('\n').slice(0, -1).map(Number));

      const { events, documents, seen, log, close } = await open();
      const head = await events.head();
      expect(head).toBeGreaterThanOrEqual(acknowledged);
      const all = await events.readAll(-1, 1_000_000);
      expect(all.map(({ id }) => Number(id))).toEqual(Array.from({ length: head + 1 }, (_, i) => i));
      expect(await documents.count('subject')).toBe(head + 1);
      expect(await seen.firstSeen([`${head}`, `${head + 1}`])).toEqual([`in/0/${head}`, undefined]);
      expect((await log.partitions('out')).reduce((sum, { end }) => sum + end, 0)).toBe(head + 1);
      expect(await log.committed('g', { topic: 'in', partition: 0 })).toBe(head + 1);
      await close();
      store = undefined;
    }
  });
});

describe('closing', () => {
  it('waits for what is under way, and refuses what comes after', async () => {
    const { log, close } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    const appends = Array.from({ length: 100 }, () => log.append([{ topic: 'in', records: [record('k', 'x')] }]));
    await new Promise((resolve) => setImmediate(resolve));
    await close();
    await Promise.all(appends);
    await expect(log.append([{ topic: 'in', records: [record('k', 'x')] }])).rejects.toThrow('closed');
    const again = await open();
    expect(await again.log.partitions('in')).toMatchObject([{ end: 100 }]);
  });

  it('ends consumptions that nobody stopped', async () => {
    const { log, close } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    const { done } = log.consume({ group: 'g', topics: ['in'], maxRecords: 10, onBatch: async () => {} });
    const outcome = done.then(
      () => 'resolved',
      () => 'rejected',
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    await close();
    expect(await outcome).toBe('rejected');
  });
});
