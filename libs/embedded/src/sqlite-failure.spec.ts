import { describe, expect, it } from '@jest/globals';
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toFailure } from './protocol.js';
import { openDatabase } from './sqlite.js';
import { sqliteCode } from './sqlite-failure.js';

describe('a damaged file', () => {
  it.each(['all', 'get'] as const)('is told with what to do, also where %s finds it in the midst of rows', (method) => {
    const dir = mkdtempSync(join(tmpdir(), 'tributary-damaged-'));
    const path = join(dir, 'it.db');
    const whole = openDatabase(path);
    whole.exec('CREATE TABLE it (id INTEGER PRIMARY KEY, body BLOB)');
    for (let id = 0; id < 200; id++) whole.prepare('INSERT INTO it VALUES (?, ?)').run(id, new Uint8Array(3_000));
    whole.close();
    const file = openSync(path, 'r+');
    for (let at = 4096 * 20; at < statSync(path).size; at += 4096) writeSync(file, new Uint8Array(4096), 0, 4096, at);
    closeSync(file);

    const damaged = openDatabase(path, { readOnly: true });
    const question = damaged.prepare('SELECT body FROM it ORDER BY id DESC');
    let failure: unknown;
    try {
      question[method]();
    } catch (error) {
      failure = error;
    }
    damaged.close();
    rmSync(dir, { recursive: true });
    expect(sqliteCode(failure)).toBe(11);
    expect(toFailure(failure)).toEqual({
      type: 'engine',
      failure: 'fatal',
      message: expect.stringMatching(/database disk image is malformed; the file is damaged: .*restore a backup/),
    });
  });
});

it('takes nothing for one of SQLite’s that only reads like it', () => {
  expect(sqliteCode(new Error('database is locked'))).toBeUndefined();
  expect(sqliteCode(undefined)).toBeUndefined();
  expect(sqliteCode('disk I/O error')).toBeUndefined();
});
