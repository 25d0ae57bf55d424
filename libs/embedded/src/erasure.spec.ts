import { describe, expect, it, jest } from '@jest/globals';
import { DAY_MS, settableClock } from '@tributary/kernel';
import { join } from 'node:path';
import { dir, filesWith, open, script } from './controls/data-folder.js';
import { record } from './controls/records.js';

describe('erasure', () => {
  it('by truncation leaves no byte of the records in any file', async () => {
    const { log } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    for (let i = 0; i < 20; i++)
      await log.append([
        { topic: 'in', records: Array.from({ length: 50 }, () => record('k', `SECRET-${i}-`.repeat(20))) },
      ]);
    await log.append([{ topic: 'in', records: [record('k', 'SECRET-last'), record('k', 'KEPT')] }]);
    expect(filesWith('SECRET-19-')).not.toEqual([]);
    await log.truncate({ topic: 'in', partition: 0 }, 975);
    expect(filesWith('SECRET-3-')).toEqual([]);
    expect(filesWith('SECRET-19-')).not.toEqual([]);
    await log.truncate({ topic: 'in', partition: 0 }, 1001);
    expect(filesWith('SECRET')).toEqual([]);
    expect(filesWith('KEPT')).not.toEqual([]);
  });

  it('by deletion and a scrub leaves no byte of documents, whatever moved in between', async () => {
    const { documents, scrub } = await open();
    const size = (i: number) => 10 + ((i * 7919) % 3000);
    for (let version = 1; version <= 4; version++)
      await documents.put(
        Array.from({ length: 800 }, (_, i) => ({
          kind: 'subject' as const,
          key: `k${(i * 577) % 800}`,
          version,
          body: `SECRET${i % 3 === 0 ? 'a' : 'b'}`.padEnd(size(i * version), 'SECRETz'),
        })),
      );
    await documents.put(
      Array.from({ length: 800 }, (_, i) => ({
        kind: 'subject' as const,
        key: `k${i}`,
        version: 9,
        body: i % 2 ? null : 'harmless',
      })),
    );
    await scrub();
    expect(filesWith('SECRET')).toEqual([]);
    expect(await documents.count('subject')).toBe(400);
  });

  it('of keys leaves neither the subject’s name nor the key in the files', async () => {
    const { vault } = await open();
    const subjects = Array.from({ length: 300 }, (_, i) => `subject-NAMED-${i}-`);
    const keys = await vault.keysFor(subjects);
    const id = keys.get('subject-NAMED-7-')!.keyId;
    expect(filesWith(id)).not.toEqual([]);
    await vault.destroy(await vault.idsOf(['subject-NAMED-7-']));
    expect(filesWith(id)).toEqual([]);
    expect(filesWith('subject-NAMED-7-')).toEqual([]);
    expect(filesWith('subject-NAMED-8-')).not.toEqual([]);
    await vault.destroy(await vault.idsOf(subjects));
    expect(filesWith('subject-NAMED')).toEqual([]);
  });

  it('by age drops what a topic no longer keeps, and only that', async () => {
    const { log, expire } = await open();
    await log.ensureTopics([
      { name: 'short', partitions: 1, retention_ms: 1000 },
      { name: 'ever', partitions: 1 },
    ]);
    for (const at of [1000, 2000, 3000])
      for (const topic of ['short', 'ever'])
        await log.append([{ topic, records: [record('k', `${topic}-${at}`, at)] }]);
    expect(await expire(3500)).toBe(2);
    expect(await log.partitions('short')).toMatchObject([{ begin: 2, end: 3 }]);
    expect(await log.partitions('ever')).toMatchObject([{ begin: 0, end: 3 }]);
    expect(filesWith('short-1000')).toEqual([]);
    expect(await expire(99_999)).toBe(1);
    expect(await log.partitions('short')).toMatchObject([{ begin: 3, end: 3 }]);
  });

  it('by age drops nothing by a clock that has leapt, or has only just begun, before it has gone on steadily', async () => {
    const clock = settableClock(10 * DAY_MS);
    const intervals = jest.spyOn(globalThis, 'setInterval');
    const { log } = await open({ clock });
    const [look] = intervals.mock.calls.find(([, ms]) => ms === 60_000) as [() => void, number];
    intervals.mockRestore();
    const [at] = [{ topic: 'short', partition: 0 }];
    await log.ensureTopics([{ name: at.topic, partitions: 1, retention_ms: 7 * DAY_MS }]);
    const kept = async (): Promise<number | undefined> => {
      look();
      // The writer's thread takes one thing after the other.
      await log.append([{ topic: at.topic, records: [record('k', 'v', clock.now())] }]);
      return (await log.partitions(at.topic))[0]?.begin;
    };
    await log.append([{ topic: at.topic, records: [record('k', 'old', 0)] }]);
    expect(await kept()).toBe(0);
    clock.pass(11 * 60_000);
    expect(await kept()).toBe(1);
    clock.set(375 * DAY_MS);
    expect(await kept()).toBe(1);
    clock.set(11 * DAY_MS);
    expect(await kept()).toBe(1);
  });

  it('waits for who reads the files for long, and holds up no writer meanwhile', async () => {
    const { log, scrub } = await open();
    await log.ensureTopics([{ name: 'in', partitions: 1 }]);
    await log.append([{ topic: 'in', records: [record('k', 'SECRET')] }]);
    const reader = script(`
      const { DatabaseSync } = process.getBuiltinModule?.('node:sqlite') ?? (await import('@photostructure/sqlite'));
      const db = new DatabaseSync('${join(dir, 'tributary.db')}', { readOnly: true });
      db.exec('BEGIN');
      db.prepare('SELECT count(*) FROM segment').get();
      console.log('reading');
      process.stdin.once('end', () => db.close()).resume();`);
    await new Promise((resolve) => reader.stdout.once('data', resolve));
    const scrubbed = Promise.all([log.truncate({ topic: 'in', partition: 0 }, 1), scrub()]).then(() => 'scrubbed');
    const began = performance.now();
    for (let i = 0; i < 20; i++) await log.append([{ topic: 'in', records: [record('k', 'KEPT')] }]);
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(await Promise.race([scrubbed, 'it waits'])).toBe('it waits');
    reader.stdin.end();
    await scrubbed;
    expect(filesWith('SECRET')).toEqual([]);
  });
});
