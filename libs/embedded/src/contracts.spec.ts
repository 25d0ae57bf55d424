import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  documentsContract,
  effectsContract,
  eventStoreContract,
  keyVaultContract,
  logContract,
} from '@tributary/kernel/contracts';
import { openEmbedded, type Embedded } from './index.js';

/** One store in a folder of its own, opened again on demand. */
const store = async (reads: 'here' | 'thread') => {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-embedded-'));
  const open = () => openEmbedded({ dir, masterKey: new Uint8Array(32).fill(1), reads });
  let now: Embedded = await open();
  return {
    ...now,
    reopen: async () => {
      await now.close();
      return (now = await open());
    },
    close: async () => {
      await now.close();
      rmSync(dir, { recursive: true });
    },
  };
};

for (const reads of ['here', 'thread'] as const) {
  const name = `the embedded store, reading ${reads === 'here' ? 'in place' : 'on a thread'},`;
  logContract(name, async () => {
    const made = await store(reads);
    return { ...made, reopen: async () => (await made.reopen()).log };
  });
  eventStoreContract(name, async () => {
    const made = await store(reads);
    return { ...made, reopen: async () => (await made.reopen()).events };
  });
  documentsContract(name, () => store(reads));
  keyVaultContract(name, async () => {
    const made = await store(reads);
    return { ...made, reopen: async () => (await made.reopen()).vault };
  });
  effectsContract(name, async () => ({ ...(await store(reads)), transactional: true }));
}
