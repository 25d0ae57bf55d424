import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replaceNote } from './replace-note.js';

describe('a note', () => {
  let dir: string;
  beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'tributary-notes-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is replaced whole, by however many at once', async () => {
    const file = join(dir, 'note.json');
    const texts = Array.from({ length: 50 }, (_, n) => `${n}`.repeat(1_000));
    await Promise.all(texts.map((text) => replaceNote(file, text)));
    expect(texts).toContain(readFileSync(file, 'utf8'));
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['note.json']);
  });

  it('leaves no draft where it cannot be replaced', async () => {
    await expect(replaceNote(join(dir, 'missing', 'note.json'), '')).rejects.toThrow('ENOENT');
    await expect(replaceNote(dir, '')).rejects.toThrow();
    expect(readdirSync(dir)).toEqual([]);
  });
});
