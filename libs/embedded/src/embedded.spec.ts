import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, statSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { noEffects, StoreFull } from '@tributary/kernel';
import { dir, entry, masterKey, open, script, store } from './controls/data-folder.js';
import { event, record } from './controls/records.js';
import { openEmbedded } from './index.js';

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
    await expect(openEmbedded({ dir, masterKey: new Uint8Array(32) })).rejects.toThrow('master key');
    await expect(openEmbedded({ dir, masterKey: new Uint8Array(16) })).rejects.toThrow('32 bytes');
    await open();
  });

  it.each(['tributary.db', 'keys.db'])('says of a damaged %s which file it is, and what to do', async (file) => {
    await (await open()).close();
    // What a write-ahead log still holds would stand in for the damaged pages.
    rmSync(join(dir, `${file}-wal`), { force: true });
    writeFileSync(join(dir, file), 'no database at all'.repeat(1000));
    await expect(openEmbedded({ dir, masterKey })).rejects.toThrow(
      new RegExp(`^embedded store: ${join(dir, file)}: .*; the file is damaged: stop, keep a copy of it, and restore`),
    );
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

  it('leaves files that are whole without what lies beside them', async () => {
    const { log, events, vault, close } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    await vault.keysFor(['subject']);
    // A reader that is not gone at once (before Node 22 its statements are finalized when they are collected) keeps SQLite's
    // last close from emptying the write-ahead log.
    await events.readAll(-1, 1);
    await close();
    const beside = readdirSync(dir).filter((file) => file.endsWith('-wal') && statSync(join(dir, file)).size > 0);
    expect(beside).toEqual([]);
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
