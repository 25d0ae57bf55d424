import { expect, it } from '@jest/globals';
import { createSecretKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KeyReader, KeyTable, unwrap, type WrappedKey } from './key-table.js';
import { openKeys } from './schema.js';

it('says of a key whose bytes were touched that the file is damaged, and of which file', () => {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-keys-'));
  const bytes = new Uint8Array(32).fill(1);
  const masterKey = createSecretKey(bytes);
  const db = openKeys(dir);
  const [made] = new KeyTable(db, bytes).ensure(['s_1']);
  const [kept] = new KeyReader(db).ofSubjects(['s_1']) as [WrappedKey];
  db.close();
  rmSync(dir, { recursive: true });
  expect(unwrap(masterKey, kept)).toEqual(made?.key);
  const wrapped = kept.wrapped.map((byte, i) => (i < 40 ? byte : 0));
  expect(() => unwrap(masterKey, { ...kept, wrapped })).toThrow(
    expect.objectContaining({
      failure: 'fatal',
      message: expect.stringMatching(/keys\.db .*damaged.*restore a backup/),
    }),
  );
});
