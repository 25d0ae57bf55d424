import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { manualClock } from '@tributary/kernel';
import { AccessKeys, KeysDamaged } from './access-keys.js';

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

  test.each(['', ' \n'])('a file that was cut off to %j is damaged, not one without keys', async (text) => {
    await writeFile(file, text);
    await expect(AccessKeys.open(file, clock)).rejects.toThrow(
      `${file} is empty: restore it, or delete it and make new keys with \`tributary key create\``,
    );
    expect(await readFile(file, 'utf8')).toBe(text);
    await rm(file);
    expect((await AccessKeys.open(file, clock)).list()).toEqual([]);
  });

  test('a file that is damaged beneath a running server lets no stored key in until it is mended, and no key is made', async () => {
    const keys = await AccessKeys.open(file, clock);
    keys.admit('token', { kind: 'role', role: 'admin' });
    const { key } = await keys.create({ kind: 'write', channel: 'kiosk' });
    const whole = await readFile(file, 'utf8');
    await writeFile(file, '');
    clock.advance(1_001);
    for (let asked = 0; asked < 3; asked++) expect(() => keys.find(key)).toThrow(KeysDamaged);
    expect(() => keys.list()).toThrow(KeysDamaged);
    // Of this process, and no key of the file's; what came in is still there.
    expect(keys.find('token')).toEqual({ kind: 'role', role: 'admin' });
    expect(keys.find('default')).toBeUndefined();
    expect(keys.channels()).toEqual(['kiosk']);
    await expect(keys.create({ kind: 'role', role: 'read' })).rejects.toThrow(KeysDamaged);
    expect(await readFile(file, 'utf8')).toBe('');
    await writeFile(file, whole);
    clock.advance(1_001);
    expect(keys.find(key)).toEqual({ kind: 'write', channel: 'kiosk' });
  });

  test('a session key lives in memory only', async () => {
    const keys = await AccessKeys.open(file, clock);
    keys.admit('token', { kind: 'role', role: 'admin' });
    expect(keys.find('token')).toEqual({ kind: 'role', role: 'admin' });
    expect(keys.list()).toEqual([]);
    expect(keys.hasAdmin()).toBe(false);
  });
});
