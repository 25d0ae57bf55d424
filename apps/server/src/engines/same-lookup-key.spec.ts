import { describe, expect, it } from '@jest/globals';
import { memoryStore } from '@tributary/kernel/memory';
import { requireSameLookupKey } from './same-lookup-key.js';

const [one, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];

describe('processes that share a log', () => {
  it('hash identifiers with the key of the first', async () => {
    const { log } = memoryStore();
    await requireSameLookupKey(log, one);
    await requireSameLookupKey(log, one);
    await expect(requireSameLookupKey(log, other)).rejects.toThrow(/^TRIBUTARY_LOOKUP_KEY: is another/);
    await requireSameLookupKey(log, one);
    expect(await log.partitions('platform')).toMatchObject([{ begin: 0, end: 1 }]);
  });

  it('agree also where two begin at once', async () => {
    const { log } = memoryStore();
    const begun = await Promise.allSettled([requireSameLookupKey(log, one), requireSameLookupKey(log, other)]);
    expect(begun.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});
