import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedOnly, readSettings, SettingRefused, settingSpecs } from './settings.js';

const key = Buffer.alloc(32, 7).toString('base64');

describe('settings of engines', () => {
  test('none set: all embedded', () => expect(readSettings({})).toEqual(embeddedOnly));

  test('each may come from a file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tributary-settings-'));
    try {
      const file = join(dir, 'key');
      writeFileSync(file, `${key}\n`);
      expect(readSettings({ TRIBUTARY_MASTER_KEY_FILE: file }).masterKey).toEqual(new Uint8Array(32).fill(7));
      expect(() => readSettings({ TRIBUTARY_MASTER_KEY_FILE: file, TRIBUTARY_MASTER_KEY: key })).toThrow(/twice/);
      expect(() => readSettings({ TRIBUTARY_LOG_URL_FILE: join(dir, 'none') })).toThrow(SettingRefused);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  test.each([
    ['TRIBUTARY_LOG_URL', 'redis://user:secret@host'],
    ['TRIBUTARY_EVENTS_URL', 'http://user:secret@host'],
    ['TRIBUTARY_WAREHOUSE_URL', 'secret'],
    ['TRIBUTARY_LOG_URL', 'kafka://user:secret@host:9092/?acks=all'],
    ['TRIBUTARY_LOG_URL', 'kafka://user:secret%@host'],
    ['TRIBUTARY_EVENTS_URL', 'esdb://user:secret@host?tls=perhaps'],
    ['TRIBUTARY_PROFILES_URL', 'redis://user:secret@a:1,b:2'],
    ['TRIBUTARY_KEYS_URL', 'redis://user:secret@a?durability=sure'],
    ['TRIBUTARY_WAREHOUSE_URL', 'http://user:secret@host/database?secure=1'],
    ['TRIBUTARY_MASTER_KEY', 'secret'],
    ['TRIBUTARY_PARTITIONS', '0'],
    ['TRIBUTARY_CHANNELS', 'Web Shop'],
  ])('%s is refused by name, and its value is not quoted', (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(name);
    expect(() => readSettings({ [name]: value })).not.toThrow(/secret/);
  });

  test('the guide lists them all', () => {
    const guide = readFileSync(new URL('../../../../docs/guide/engines.md', import.meta.url), 'utf8');
    for (const { name } of settingSpecs) expect(guide).toContain(`\`${name}\``);
  });
});
