import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@tributary/kernel';
import { AccessKeys } from './access-keys.js';

let dir: string;
let file: string;
const clock = manualClock(Date.UTC(2026, 0, 1));

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-keys-'));
  file = join(dir, 'access-keys.json');
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('access keys', () => {
  test('a key opens what it was made for, and only its hash is stored, for the owner alone', async () => {
    const keys = await AccessKeys.open(file, clock);
    const { key } = await keys.create({ kind: 'write', channel: 'web_shop' });
    expect(key).toMatch(/^trib_web_shop_[0-9a-f]{64}$/);
    expect(keys.find(key)).toEqual({ kind: 'write', channel: 'web_shop' });
    expect(keys.find(`${key}0`)).toBeUndefined();
    const text = await readFile(file, 'utf8');
    expect(text).not.toContain(key);
    expect(text).not.toContain(key.slice(-64));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('keys made at the same time by two holders of the file are all kept, and each learns of the other’s', async () => {
    const [server, cli] = [await AccessKeys.open(file, clock), await AccessKeys.open(file, clock)];
    const made = await Promise.all([
      server.create({ kind: 'role', role: 'admin' }),
      cli.create({ kind: 'write', channel: 'app' }),
      server.create({ kind: 'write', channel: 'web_shop' }),
    ]);
    clock.advance(2_000);
    for (const { key } of made) {
      expect(server.find(key)).toBeDefined();
      expect(cli.find(key)).toBeDefined();
    }
    expect(server.channels()).toEqual(['app', 'web_shop']);
    expect(server.hasAdmin()).toBe(true);
  });

  test('a key that another process made works at once, also where the file was looked at a moment before', async () => {
    const [server, cli] = [await AccessKeys.open(file, clock), await AccessKeys.open(file, clock)];
    const { key: known } = await server.create({ kind: 'role', role: 'read' });
    clock.advance(2_000);
    expect(server.find(known)).toBeDefined();
    const { key } = await cli.create({ kind: 'write', channel: 'app' });
    clock.advance(20);
    expect(server.find(known)).toBeDefined();
    expect(server.find(key)).toEqual({ kind: 'write', channel: 'app' });
    expect(server.channels()).toEqual(['app']);
  });

  test('a key that another process revoked stops working within a second', async () => {
    const [server, cli] = [await AccessKeys.open(file, clock), await AccessKeys.open(file, clock)];
    const { key, info } = await server.create({ kind: 'role', role: 'read' });
    expect(await cli.revoke(info.id)).toBe(true);
    clock.advance(1_001);
    expect(server.find(key)).toBeUndefined();
    expect(await cli.revoke(info.id)).toBe(false);
  });

  test('a channel is known when its last key is revoked: what came in is still there', async () => {
    const keys = await AccessKeys.open(file, clock);
    const { info } = await keys.create({ kind: 'write', channel: 'kiosk' });
    await keys.revoke(info.id);
    await keys.create({ kind: 'role', role: 'read' });
    expect((await AccessKeys.open(file, clock)).channels()).toEqual(['kiosk']);
    // Of before it was kept.
    await writeFile(file, '{"keys":[]}');
    expect((await AccessKeys.open(file, clock)).channels()).toEqual([]);
    await writeFile(file, '{"keys":[],"channels":["../etc"]}');
    await expect(AccessKeys.open(file, clock)).rejects.toThrow(/damaged/);
  });

  test('a damaged file lets nobody in and is not overwritten', async () => {
    await writeFile(file, '{"keys":[{"hash":"short"}]}');
    await expect(AccessKeys.open(file, clock)).rejects.toThrow(/damaged/);
    await writeFile(file, '{');
    await expect(AccessKeys.open(file, clock)).rejects.toThrow(/damaged/);
    expect(await readFile(file, 'utf8')).toBe('{');
  });

  test('a session key lives in memory only', async () => {
    const keys = await AccessKeys.open(file, clock);
    keys.admit('token', { kind: 'role', role: 'admin' });
    expect(keys.find('token')).toEqual({ kind: 'role', role: 'admin' });
    expect(keys.list()).toEqual([]);
    expect(keys.hasAdmin()).toBe(false);
  });
});
