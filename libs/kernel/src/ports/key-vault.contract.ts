import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type KeyVault, type SecretKey, type SubjectKey } from './key-vault.js';

/** Keys with their bytes: to a matcher any two `KeyObject`s are equal. */
export const keysInClear = (keys: ReadonlyMap<string, SubjectKey>): ReadonlyMap<string, unknown> =>
  new Map([...keys].map(([subject, { keyId, key }]) => [subject, { keyId, key: hex(key) }]));

const bytesOf = (key: SecretKey): Uint8Array => (key instanceof Uint8Array ? key : key.export());
const hex = (key: SecretKey): string => Buffer.from(bytesOf(key)).toString('hex');

export interface KeyVaultUnderTest {
  readonly vault: KeyVault;
  /** Closes the engine and opens it anew over the same data; absent: the engine outlives its client. */
  reopen?(): Promise<KeyVault>;
  close(): Promise<void>;
}

/** Whatever keeps the keys of subjects passes this. */
export const keyVaultContract = (name: string, make: () => Promise<KeyVaultUnderTest>): void => {
  describe(`${name} keeps the key vault's contract`, () => {
    let under: KeyVaultUnderTest;
    let vault: KeyVault;
    beforeEach(async () => {
      under = await make();
      vault = under.vault;
    });
    afterEach(() => under.close());

    it('makes a key of its own for each subject, and the same one ever after', async () => {
      const subjects = Array.from({ length: 500 }, (_, i) => `s_${i.toString(16).padStart(32, '0')}`);
      const keys = await vault.keysFor([...subjects, subjects[0]!]);
      expect(keys.size).toBe(500);
      for (const { keyId, key } of keys.values()) {
        expect(keyId).toMatch(/^[0-9a-f]{16}$/);
        expect(bytesOf(key)).toHaveLength(32);
      }
      expect(new Set([...keys.values()].map(({ key }) => hex(key))).size).toBe(500);
      expect(new Set([...keys.values()].map(({ keyId }) => keyId)).size).toBe(500);
      expect(keysInClear(await vault.keysFor(subjects))).toEqual(keysInClear(keys));
      if (under.reopen) vault = await under.reopen();
      expect(keysInClear(await vault.keysFor(subjects))).toEqual(keysInClear(keys));
      expect((await vault.keysFor([])).size).toBe(0);
    });

    it('finds keys by id; an unknown one is absent', async () => {
      const keys = await vault.keysFor(['a', 'b']);
      const ids = [...keys.values()].map(({ keyId }) => keyId);
      const found = await vault.keysById([...ids, '0123456789abcdef', ids[0]!]);
      expect(found.size).toBe(2);
      for (const { keyId, key } of keys.values()) expect(hex(found.get(keyId)!)).toBe(hex(key));
      if (under.reopen) vault = await under.reopen();
      expect((await vault.keysById(ids)).size).toBe(2);
    });

    it('gives racing callers one and the same key', async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => vault.keysFor(['same'])));
      expect(new Set(answers.map((keys) => keys.get('same')!.keyId)).size).toBe(1);
    });

    it('destroys keys for good, and only those asked for; the next is new', async () => {
      const before = await vault.keysFor(['gone', 'stays']);
      await vault.keysById([before.get('gone')!.keyId]);
      const ids = [...before.values()].map(({ keyId }) => keyId);
      const doomed = await vault.idsOf(['gone', 'never had one']);
      expect(doomed).toEqual([before.get('gone')!.keyId]);
      expect(await vault.destroy([...doomed, '0123456789abcdef'])).toBe(1);
      expect(await vault.idsOf(['gone', 'stays'])).toEqual([before.get('stays')!.keyId]);
      expect([...(await vault.keysById(ids)).keys()]).toEqual([before.get('stays')!.keyId]);
      if (under.reopen) vault = await under.reopen();
      expect([...(await vault.keysById(ids)).keys()]).toEqual([before.get('stays')!.keyId]);
      const after = await vault.keysFor(['gone', 'stays']);
      expect(after.get('gone')!.keyId).not.toBe(before.get('gone')!.keyId);
      expect(hex(after.get('gone')!.key)).not.toBe(hex(before.get('gone')!.key));
      expect(keysInClear(after).get('stays')).toEqual(keysInClear(before).get('stays'));
      expect(await vault.destroy([])).toBe(0);
      expect(await vault.idsOf([])).toEqual([]);
    });

    it('keeps how far it was marked, which goes on only, and only from where it was believed to stand', async () => {
      expect(await vault.markedTo()).toBeUndefined();
      expect(await vault.markTo(7, 3)).toBe(false);
      expect(await vault.markedTo()).toBeUndefined();
      expect(await vault.markTo(7, -1)).toBe(true);
      expect(await vault.markTo(5, 4)).toBe(true);
      expect(await vault.markedTo()).toBe(7);
      expect(await vault.markTo(9, 8)).toBe(false);
      expect(await vault.markedTo()).toBe(7);
      expect(await vault.markTo(5_000_000_000, 7)).toBe(true);
      if (under.reopen) vault = await under.reopen();
      expect(await vault.markedTo()).toBe(5_000_000_000);
    });

    it('destroys a key once: who comes late with it takes nothing that was made since', async () => {
      const doomed = await vault.idsOf([...(await vault.keysFor(['again'])).keys()]);
      expect(await vault.destroy(doomed)).toBe(1);
      const since = await vault.keysFor(['again']);
      expect(await vault.destroy(doomed)).toBe(0);
      expect(keysInClear(await vault.keysFor(['again']))).toEqual(keysInClear(since));
      expect((await vault.keysById([since.get('again')!.keyId])).size).toBe(1);
    });
  });
};
