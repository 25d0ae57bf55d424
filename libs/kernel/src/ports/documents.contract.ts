import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type DocumentStore, type SeenStore } from './documents.js';

export interface DocumentsUnderTest {
  /** Empty at first. */
  readonly documents: DocumentStore;
  readonly seen: SeenStore;
  /** Closes the engine and opens it anew over the same data; absent: the engine outlives its client. */
  reopen?(): Promise<{ readonly documents: DocumentStore; readonly seen: SeenStore }>;
  close(): Promise<void>;
}

/** Whatever keeps documents passes this: Redis's promises, no more. */
export const documentsContract = (name: string, make: () => Promise<DocumentsUnderTest>): void => {
  describe(`${name} keeps the document store's contract`, () => {
    let under: DocumentsUnderTest;
    let documents: DocumentStore;
    let seen: SeenStore;
    beforeEach(async () => {
      under = await make();
      ({ documents, seen } = under);
    });
    afterEach(() => under.close());

    const subject = (key: string, version: number, body: string | null = `{"v":${version}}`, due_ms?: number | null) =>
      ({ kind: 'subject', key, version, body, ...(due_ms === undefined ? {} : { due_ms }) }) as const;
    const body = async (key: string) => (await documents.get('subject', [key]))[0]?.body;
    const dueKeys = async (until: number, limit = 100) =>
      (await documents.due('subject', until, limit)).map(({ key }) => key);

    it('answers in the order asked, with gaps where there is nothing', async () => {
      await documents.put([subject('a', 1), subject('b', 2), subject('客户-😀', 3, '{"名":"值 \\u0000 \'"}')]);
      expect(await documents.get('subject', ['b', 'none', '客户-😀', 'a', 'b'])).toEqual([
        { key: 'b', version: 2, body: '{"v":2}' },
        undefined,
        { key: '客户-😀', version: 3, body: '{"名":"值 \\u0000 \'"}' },
        { key: 'a', version: 1, body: '{"v":1}' },
        { key: 'b', version: 2, body: '{"v":2}' },
      ]);
      expect(await documents.get('subject', [])).toEqual([]);
      await documents.put([]);
    });

    it('keeps kinds apart', async () => {
      await documents.put([
        subject('same', 1, 'subject'),
        { kind: 'customer', key: 'same', version: 1, body: 'customer' },
        { kind: 'checkpoint', key: 'same', version: 1, body: 'checkpoint' },
        { kind: 'outcome', key: 'same', version: 1, body: 'outcome' },
      ]);
      for (const kind of ['subject', 'customer', 'checkpoint', 'outcome'] as const)
        expect((await documents.get(kind, ['same']))[0]!.body).toBe(kind);
      await documents.clear('customer');
      expect(await documents.get('customer', ['same'])).toEqual([undefined]);
      expect(await documents.count('subject')).toBe(1);
    });

    it('lets only newer writes through', async () => {
      await documents.put([subject('a', 5, 'five')]);
      await documents.put([subject('a', 4, 'zombie')]);
      expect(await body('a')).toBe('five');
      await documents.put([subject('a', 5, 'same version')]);
      expect(await body('a')).toBe('five');
      await documents.put([subject('a', 6, 'six')]);
      expect(await documents.get('subject', ['a'])).toEqual([{ key: 'a', version: 6, body: 'six' }]);
      await documents.put([subject('b', 0, 'zero')]);
      expect(await body('b')).toBe('zero');
    });

    it('takes several writes of one key in their order', async () => {
      await documents.put([subject('a', 1, 'one'), subject('a', 3, 'three'), subject('a', 2, 'two')]);
      expect(await body('a')).toBe('three');
    });

    it('deletes by a newer version only, and an older write does not bring the document back', async () => {
      await documents.put([subject('a', 5, 'five', 10)]);
      await documents.put([subject('a', 4, null)]);
      expect(await body('a')).toBe('five');
      await documents.put([subject('a', 6, null)]);
      expect(await body('a')).toBeUndefined();
      expect(await dueKeys(100)).toEqual([]);
      expect(await documents.count('subject')).toBe(0);
      expect(await documents.scan('subject', '', 10)).toEqual([]);
      await documents.put([subject('a', 5, 'zombie')]);
      expect(await body('a')).toBeUndefined();
      await documents.put([subject('a', 7, 'seven')]);
      expect(await body('a')).toBe('seven');
      await documents.put([subject('never', 1, null)]);
      expect(await body('never')).toBeUndefined();
    });

    it('answers due keys earliest first, bounded, and forgets the due time that a newer write drops', async () => {
      const base = 1_700_000_000_000;
      await documents.put([
        subject('late', 1, 'x', base + 30),
        subject('early', 1, 'x', base + 10),
        subject('middle', 1, 'x', base + 20),
        subject('past', 1, 'x', -5),
        subject('never', 1, 'x', null),
        subject('unsaid', 1, 'x'),
      ]);
      expect(await documents.due('subject', base + 20, 10)).toEqual([
        { key: 'past', due_ms: -5 },
        { key: 'early', due_ms: base + 10 },
        { key: 'middle', due_ms: base + 20 },
      ]);
      expect(await dueKeys(base + 100, 2)).toEqual(['past', 'early']);
      expect(await documents.due('customer', base + 100, 10)).toEqual([]);
      await documents.put([
        subject('early', 2, 'x', base + 40),
        subject('middle', 2, 'x', null),
        subject('past', 2, 'x'),
      ]);
      await documents.put([subject('late', 0, 'zombie', base)]);
      expect(await dueKeys(base + 100)).toEqual(['late', 'early']);
    });

    it('scans each document once, page by page', async () => {
      const keys = Array.from({ length: 95 }, (_, i) => `k${(i * 37) % 95}`);
      await documents.put(keys.map((key, i) => subject(key, i)));
      for (const page of [1, 10, 95, 1000]) {
        const scanned: string[] = [];
        for (let after = ''; ; after = scanned.at(-1)!) {
          const read = await documents.scan('subject', after, page);
          if (read.length === 0) break;
          expect(read.length).toBeLessThanOrEqual(page);
          scanned.push(...read.map(({ key }) => key));
        }
        expect(scanned).toHaveLength(95);
        expect(new Set(scanned)).toEqual(new Set(keys));
      }
      expect(await documents.count('subject')).toBe(95);
    });

    it('takes thousands at once, large and empty bodies too', async () => {
      const large = 'x'.repeat(300_000);
      await documents.put([
        ...Array.from({ length: 10_000 }, (_, i) => subject(`k${i}`, 1, `{"i":${i}}`)),
        subject('large', 1, large),
        subject('empty', 1, ''),
      ]);
      expect(await documents.count('subject')).toBe(10_002);
      const got = await documents.get(
        'subject',
        Array.from({ length: 10_000 }, (_, i) => `k${i}`),
      );
      expect(got.every((one, i) => one?.body === `{"i":${i}}`)).toBe(true);
      expect(await body('large')).toBe(large);
      expect(await body('empty')).toBe('');
    });

    it('is empty of a kind after it is cleared, and takes any version again', async () => {
      await documents.put([subject('a', 9, 'x', 5), subject('b', 9, 'x'), subject('c', 9, null)]);
      await documents.clear('subject');
      expect(await documents.count('subject')).toBe(0);
      expect(await dueKeys(100)).toEqual([]);
      await documents.put([subject('a', 1, 'rebuilt'), subject('c', 1, 'rebuilt')]);
      expect(await body('a')).toBe('rebuilt');
      expect(await body('c')).toBe('rebuilt');
    });

    it('replaces whatever the version, and forgets with it what a null body names', async () => {
      await documents.put([
        subject('ahead', 9, 'wrong', 5),
        subject('untimed', 1, 'x'),
        subject('deleted', 9, 'x', 5),
        subject('extra', 9, 'x', 5),
        subject('kept', 9, 'kept', 50),
      ]);
      await documents.put([subject('deleted', 10, null)]);
      await documents.replace([
        subject('ahead', 3, 'right', 20),
        subject('untimed', 1, 'timed', 10),
        subject('deleted', 3, 'back'),
        subject('extra', 3, null),
        subject('missing', 3, 'found'),
        subject('unheard of', 3, null),
        { kind: 'checkpoint', key: 'census', version: 3, body: 'counts' },
      ]);
      await documents.replace([]);
      expect(await documents.scan('subject', '', 10)).toEqual([
        { key: 'ahead', version: 3, body: 'right' },
        { key: 'deleted', version: 3, body: 'back' },
        { key: 'kept', version: 9, body: 'kept' },
        { key: 'missing', version: 3, body: 'found' },
        { key: 'untimed', version: 1, body: 'timed' },
      ]);
      expect(await documents.count('subject')).toBe(5);
      expect(await documents.count('checkpoint')).toBe(1);
      expect(await dueKeys(100)).toEqual(['untimed', 'ahead', 'kept']);
      // Versions are as if they had been put: the next write is measured against the new one.
      await documents.put([subject('ahead', 2, 'zombie'), subject('extra', 1, 'anew'), subject('deleted', 4, 'later')]);
      expect(await body('ahead')).toBe('right');
      expect(await body('extra')).toBe('anew');
      expect(await body('deleted')).toBe('later');
    });

    it('replaces several times in one call, in order, and by the hundreds', async () => {
      await documents.replace([subject('a', 1, 'one', 1), subject('a', 5, null), subject('a', 2, 'two')]);
      expect(await documents.get('subject', ['a'])).toEqual([{ key: 'a', version: 2, body: 'two' }]);
      expect(await dueKeys(100)).toEqual([]);
      await documents.replace(Array.from({ length: 700 }, (_, i) => subject(`k${i}`, i, `${i}`, i)));
      expect(await documents.count('subject')).toBe(701);
      expect((await documents.due('subject', 1_000, 1_000)).map(({ due_ms }) => due_ms)).toEqual(
        Array.from({ length: 700 }, (_, i) => i),
      );
    });

    describe('seen keys', () => {
      it('keep the first place', async () => {
        const place = 'touchpoints.shop/3/1234567890';
        await seen.markSeen([
          { key: 'a', at: place },
          { key: '消息-😀', at: 'anything at all' },
          { key: 'a', at: 'later/0/1' },
        ]);
        await seen.markSeen([{ key: 'a', at: 'later/0/2' }]);
        expect(await seen.firstSeen(['a', 'none', '消息-😀', 'a'])).toEqual([
          place,
          undefined,
          'anything at all',
          place,
        ]);
        expect(await seen.firstSeen([])).toEqual([]);
        await seen.markSeen([]);
      });

      it('take thousands at once', async () => {
        const keys = Array.from({ length: 10_000 }, (_, i) => `message ${i}`);
        await seen.markSeen(keys.map((key, i) => ({ key, at: `t/0/${i}` })));
        const places = await seen.firstSeen(keys);
        expect(places.every((at, i) => at === `t/0/${i}`)).toBe(true);
        expect((await seen.firstSeen(['message', 'message 10000'])).every((at) => at === undefined)).toBe(true);
      });
    });

    it('keeps everything when it is opened again', async () => {
      await documents.put([subject('a', 3, 'three', 7), subject('gone', 2, 'x')]);
      await documents.put([subject('gone', 3, null)]);
      await seen.markSeen([{ key: 'm', at: 't/0/1' }]);
      if (under.reopen) ({ documents, seen } = await under.reopen());
      expect(await documents.get('subject', ['a', 'gone'])).toEqual([
        { key: 'a', version: 3, body: 'three' },
        undefined,
      ]);
      expect(await dueKeys(7)).toEqual(['a']);
      expect(await seen.firstSeen(['m'])).toEqual(['t/0/1']);
      await documents.put([subject('a', 2, 'zombie'), subject('gone', 2, 'zombie')]);
      expect(await body('a')).toBe('three');
      expect(await body('gone')).toBeUndefined();
    });
  });
};
