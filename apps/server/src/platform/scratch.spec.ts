import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openScratch, sweepScratch } from './scratch.js';

// As the command line has it.
setFlagsFromString('--expose-gc');
Object.assign(globalThis, { gc: runInNewContext('gc') as () => void });

/** Files of that folder that this process has open, where the system tells. */
const openIn = (folder: string): readonly string[] =>
  existsSync('/proc/self/fd')
    ? readdirSync('/proc/self/fd').flatMap((fd) => {
        try {
          const file = readlinkSync(join('/proc/self/fd', fd));
          return file.startsWith(folder) ? [file] : [];
        } catch {
          return [];
        }
      })
    : [];

let parent: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), 'tributary-sweep-'));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

describe('a store for what is rebuilt', () => {
  it('is gone when it is closed, and its room on the disk a little later', async () => {
    const use = async (): Promise<void> => {
      const scratch = await openScratch(parent, { masterKey: new Uint8Array(32), reads: 'here' });
      await scratch.documents.put([{ kind: 'customer', key: 'c', version: 1, body: '{}' }]);
      await scratch.documents.get('customer', ['c']);
      expect(readdirSync(parent)).toHaveLength(1);
      await scratch.close();
      expect(readdirSync(parent)).toEqual([]);
    };
    await use();
    while (openIn(parent).length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
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
