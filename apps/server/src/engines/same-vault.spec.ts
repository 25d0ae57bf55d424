import { describe, expect, it } from '@jest/globals';
import { memoryStore } from '@tributary/kernel/memory';
import { requireSameLookupKey } from './same-lookup-key.js';
import { requireSameVault } from './same-vault.js';

const lookupKey = new Uint8Array(32).fill(1);

describe('processes that share a log', () => {
  it('seal with the keys of the vault that the first had', async () => {
    const { log } = memoryStore();
    await requireSameLookupKey(log, lookupKey);
    await requireSameVault(log, 'one');
    await requireSameVault(log, 'one');
    await expect(requireSameVault(log, 'other')).rejects.toThrow(/^TRIBUTARY_KEYS_URL: .*Give all processes the first/);
    await requireSameLookupKey(log, lookupKey);
    expect(await log.partitions('platform')).toMatchObject([{ begin: 0, end: 2 }]);
  });

  it('agree also where two begin at once', async () => {
    const { log } = memoryStore();
    const begun = await Promise.allSettled([requireSameVault(log, 'one'), requireSameVault(log, 'other')]);
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
