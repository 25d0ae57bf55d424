import { afterAll, describe, expect, it } from '@jest/globals';
import { shippedSchemas } from '@tributary/contracts';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** As `npm run schemas`, on a copy. */
describe('tools/schemas.mjs', () => {
  const directory = mkdtempSync(join(tmpdir(), 'tributary-schemas-'));
  afterAll(() => rmSync(directory, { recursive: true }));
  cpSync(shippedSchemas, directory, { recursive: true });
  const registry = join(directory, 'registry.json');
  const golden = join(directory, 'touchpoint/Voted/1.golden.hex');
  const run = () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/schemas.mjs', directory], {
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  };

  it('makes the fingerprint and the golden bytes that are missing, as they were published', () => {
    const [published, bytes] = [readFileSync(registry, 'utf8'), readFileSync(golden, 'utf8').trim()];
    const entries = JSON.parse(published) as { path: string; fingerprint?: string }[];
    delete entries.find(({ path }) => path.startsWith('touchpoint/Voted'))?.fingerprint;
    writeFileSync(registry, JSON.stringify(entries));
    rmSync(golden);
    expect(run()).toEqual({
      status: 0,
      stdout: 'touchpoint/Voted/1.avsc: its fingerprint\ntouchpoint/Voted/1.avsc: its golden bytes\n',
      stderr: '',
    });
    expect(readFileSync(golden, 'utf8').trim()).toBe(bytes);
    expect(readFileSync(registry, 'utf8').trim()).toBe(published.trim());
    expect(run()).toEqual({ status: 0, stdout: '', stderr: '' });
  });

  it('says what is wrong, and mends nothing that was published', () => {
    const path = join(directory, 'touchpoint/Followed/1.avsc');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"target"', '"whom"'));
    const before = readFileSync(registry, 'utf8');
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('Followed/1.avsc: was changed after') });
    expect(readFileSync(registry, 'utf8')).toBe(before);
  });
});
