import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openScratch, sweepScratch } from './scratch.js';

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-sweep-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('a store for what is rebuilt', () => {
  it('is gone when it is closed', async () => {
    const scratch = await openScratch(parent, { masterKey: new Uint8Array(32), reads: 'here' });
    await scratch.documents.put([{ kind: 'customer', key: 'c', version: 1, body: '{}' }]);
    expect(readdirSync(parent)).toHaveLength(1);
    await scratch.close();
    expect(readdirSync(parent)).toEqual([]);
  });

  it('is removed at the next start where its process died over it, and left where that lives', async () => {
    const { pid: dead } = spawnSync(process.execPath, ['-e', '']);
    const names = [`tributary-scratch-${dead}-a`, `tributary-scratch-${process.pid}-b`, 'tributary-scratch-x'];
    for (const name of [...names, `tributary-scratch-${process.ppid}-c`, 'scratch-d', 'clickhouse'])
      mkdirSync(join(parent, name));
    await sweepScratch(parent, false);
    expect(existsSync(join(parent, 'scratch-d'))).toBe(true);
    await sweepScratch(parent, true);
    for (const name of names) expect(existsSync(join(parent, name))).toBe(false);
    expect(readdirSync(parent).sort()).toEqual(['clickhouse', `tributary-scratch-${process.ppid}-c`]);
  });
});
