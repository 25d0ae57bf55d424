import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BeyondReach, documentsNear, type NearDocuments, openEmbedded, type Embedded } from './index.js';

let dir: string;
let store: Embedded;
let near: NearDocuments;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tributary-near-'));
  store = await openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1) });
  near = documentsNear(dir, { keys: 3, bytes: 20 });
});
afterEach(async () => {
  near.close();
  await store.close();
  rmSync(dir, { recursive: true });
});

const put = (key: string, version: number, body: string | null) =>
  store.documents.put([{ kind: 'subject', key, version, body }]);

describe('documents that are read near', () => {
  it('are those of the store, as it answers them, from each commit on', async () => {
    await put('a', 1, '{"a":1}');
    await put('b', 2, '{"b":1}');
    const keys = ['b', 'nobody', 'a'];
    await expect(near.get('subject', keys)).resolves.toEqual(await store.documents.get('subject', keys));
    await put('a', 3, '{"a":2}');
    await put('b', 4, null);
    await expect(near.get('subject', keys)).resolves.toEqual([
      undefined,
      undefined,
      { key: 'a', version: 3, body: '{"a":2}' },
    ]);
    await expect(near.get('subject', [])).resolves.toEqual([]);
  });

  it('are refused beyond their bound, by number and by size', async () => {
    await put('a', 1, `"${'x'.repeat(9)}"`);
    await put('b', 2, `"${'x'.repeat(9)}"`);
    await expect(near.get('subject', ['a'])).resolves.toHaveLength(1);
    await expect(near.get('subject', ['a', 'b'])).rejects.toThrow(BeyondReach);
    await expect(near.get('subject', ['c', 'd', 'e', 'f'])).rejects.toThrow(BeyondReach);
  });

  it('that are too large are refused without being read', async () => {
    await put('a', 1, `"${'客'.repeat(7_000_000)}"`);
    const times_ms: number[] = [];
    for (let i = 0; i < 10; i++) {
      const began = performance.now();
      await expect(near.get('subject', ['a'])).rejects.toThrow(BeyondReach);
      times_ms.push(performance.now() - began);
    }
    // To read it takes ten times as long; a busy machine may hold up some of them.
    expect(Math.min(...times_ms)).toBeLessThan(15);
  });
});
