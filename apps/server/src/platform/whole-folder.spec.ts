import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireWholeFolder } from './whole-folder.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'tributary-whole-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const all = ['secrets.json', 'tributary.db', 'keys.db', 'engines.json'];
const hold = async (names: readonly string[], bytes = 'x'): Promise<void> => {
  for (const name of names) await writeFile(join(dir, name), bytes);
};

describe('a data folder', () => {
  it('may be new, whole, or left by a first start that was cut short anywhere', async () => {
    await requireWholeFolder(join(dir, 'none'), false);
    await requireWholeFolder(dir, false);
    for (const [i, name] of all.entries()) {
      await hold([name]);
      if (i === 2) await mkdir(join(dir, 'clickhouse'));
      await requireWholeFolder(dir, false);
    }
  });

  it.each(['secrets.json', 'tributary.db', 'keys.db'])(
    'is refused without its %s, and with an empty one',
    async (part) => {
      await hold(all);
      await hold([part], '');
      await expect(requireWholeFolder(dir, false)).rejects.toThrow(join(dir, part));
      await rm(join(dir, part));
      await expect(requireWholeFolder(dir, false)).rejects.toThrow('restore it from a backup');
    },
  );

  it('tells a lost file by its tables, too, and needs no secrets of its own where they are set', async () => {
    await hold(['tributary.db']);
    await mkdir(join(dir, 'clickhouse'));
    await expect(requireWholeFolder(dir, true)).rejects.toThrow('keys.db');
    await hold(['keys.db']);
    await requireWholeFolder(dir, true);
  });
});
