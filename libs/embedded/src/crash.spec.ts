import { describe, expect, it } from '@jest/globals';
import { dir, open, script } from './controls/data-folder.js';

describe('a crash', () => {
  it('at any instant keeps each acknowledged batch, and each batch whole', async () => {
    await (await open()).close();
    let acknowledged = -1;
    for (let round = 0; round < 6; round++) {
      const child = script(`
        const store = await openEmbedded({ dir: '${dir}', masterKey: new Uint8Array(32).fill(9) });
        await store.log.ensureTopics([{ name: 'out', partitions: 2 }, { name: 'in', partitions: 1 }]);
        let n = (await store.events.head()) + 1;
        const commit = async (i) => {
          const text = String(i);
          await store.sink.commit({ expectedHead: i - 1,
            appends: [{ stream: 'n-' + (i % 7), expectedRevision: Math.floor(i / 7) - 1, events: [{ id: text, type: 'T', data: Buffer.from(text), metadata: { recordedAt: i } }] }],
            documents: [{ kind: 'subject', key: text, version: i, body: text.repeat(300) }],
            seen: [{ key: text, at: 'in/0/' + i }],
            outgoing: [{ topic: 'out', records: [{ key: text, value: Buffer.from(text), timestamp_ms: 1 }] }],
            offsets: [{ group: 'g', topic: 'in', partition: 0, next: i + 1 }] });
          process.stdout.write(text + '\\n');
        };
        for (;;) { const batch = []; for (let k = 0; k < 4; k++) batch.push(commit(n++)); await Promise.all(batch); }`);
      let printed = '';
      child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
      await new Promise((resolve) => child.stdout.once('data', resolve));
      await new Promise((resolve) => setTimeout(resolve, 40 + round * 37));
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('close', resolve));
      acknowledged = Math.max(acknowledged, ...printed.split('\n').slice(0, -1).map(Number));

      const { events, documents, seen, log, close } = await open();
      const head = await events.head();
      expect(head).toBeGreaterThanOrEqual(acknowledged);
      const all = await events.readAll(-1, 1_000_000);
      expect(all.map(({ id }) => Number(id))).toEqual(Array.from({ length: head + 1 }, (_, i) => i));
      expect(await documents.count('subject')).toBe(head + 1);
      expect(await seen.firstSeen([`${head}`, `${head + 1}`])).toEqual([`in/0/${head}`, undefined]);
      expect((await log.partitions('out')).reduce((sum, { end }) => sum + end, 0)).toBe(head + 1);
      expect(await log.committed('g', { topic: 'in', partition: 0 })).toBe(head + 1);
      await close();
    }
  });
});
