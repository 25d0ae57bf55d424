import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EngineError } from '@tributary/kernel';
import { lockFolder } from './folder-lock.js';

describe('the lock of a data folder', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'tributary-lock-'));
    file = join(dir, 'lock.db');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is held once at a time, and again when it was let go of', () => {
    const lock = lockFolder(dir);
    lock.release();
    lockFolder(dir).release();
  });

  it('on a damaged file asks for no backup: the file holds nothing, and may be deleted', () => {
    writeFileSync(file, 'no database, and longer than the head of one would be: '.repeat(20));
    const failing = (): unknown => {
      try {
        lockFolder(dir).release();
      } catch (error) {
        return error;
      }
      return undefined;
    };
    const error = failing();
    expect(error).toBeInstanceOf(EngineError);
    expect((error as EngineError).message).toMatch(
      /lock\.db: .*file is not a database; it holds nothing: stop every process on this folder, delete this one file, and start again$/,
    );
    expect((error as EngineError).message).not.toContain('backup');
    expect(readFileSync(file, 'utf8')).toContain('no database');
    rmSync(file);
    lockFolder(dir).release();
  });
});
