import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { copyStore } from './copy-store.js';
import { openKeys, openStore } from './schema.js';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tributary-copy-'))));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A store of some hundred pages, closed. */
const filled = (): void => {
  openKeys(dir).close();
  const store = openStore(dir);
  const insert = store.prepare('INSERT INTO segment (id, records, newest_ms, body) VALUES (?, 1, 0, ?)');
  for (let id = 0; id < 200; id++) insert.run(id, new Uint8Array(3_000));
  store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  store.close();
};

test('given files that are whole, their copies are, and nothing stands beside them', async () => {
  filled();
  await copyStore(dir, join(dir, 'copy'));
  expect(readdirSync(join(dir, 'copy')).sort()).toEqual(['keys.db', 'tributary.db']);
});

test('once it is done, or given up, nothing holds what was there', async () => {
  filled();
  const isHeld = (): boolean => {
    const store = openStore(dir);
    store.exec('PRAGMA busy_timeout=0; UPDATE segment SET newest_ms = newest_ms + 1');
    const { busy } = store.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get() ?? {};
    store.close();
    return busy !== 0;
  };
  await copyStore(dir, join(dir, 'copy'));
  expect(isHeld()).toBe(false);
  await expect(copyStore(dir, join(dir, 'copy'))).rejects.toThrow('EEXIST');
  expect(isHeld()).toBe(false);
});

test('given a store that is damaged where nobody looks, its copy is refused, by name', async () => {
  filled();
  const file = openSync(join(dir, 'tributary.db'), 'r+');
  writeSync(file, new Uint8Array(4096 * 5), 0, 4096 * 5, 4096 * 100);
  closeSync(file);
  await expect(copyStore(dir, join(dir, 'copy'))).rejects.toMatchObject({
    failure: 'fatal',
    message: expect.stringMatching(/tributary\.db is damaged.*restore a backup/),
  });
});
