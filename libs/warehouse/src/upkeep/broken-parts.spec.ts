import { expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openChdbWarehouse } from '../chdb/chdb-warehouse.js';
import { brokenParts } from './broken-parts.js';

it('a part that cannot be read any more is told, until its table is made anew', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tributary-broken-'));
  try {
    const first = await openChdbWarehouse({ path });
    await first.migrate();
    const columns = ['subject_id', 'customer_id', 'version'];
    await first.insert({ table: 'customer_subjects', columns, rows: [['s_1', 'c_1', 1]] });
    expect(await brokenParts(first)).toEqual({});
    const [part] = await first.query<{ path: string }>(
      "SELECT path FROM system.parts WHERE table = 'customer_subjects' AND active",
    );
    await first.close();
    const folder = part?.path ?? '';
    for (const name of await readdir(folder)) if (name.startsWith('data')) await rm(join(folder, name));

    const second = await openChdbWarehouse({ path });
    expect(await brokenParts(second)).toEqual({ customer_subjects: 1 });
    await second.command('DROP TABLE customer_subjects SYNC');
    await second.migrate();
    expect(await brokenParts(second)).toEqual({});
    await second.close();
  } finally {
    await rm(path, { recursive: true, force: true });
  }
});
