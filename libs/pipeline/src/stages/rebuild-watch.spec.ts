import { describe, expect, it } from '@jest/globals';
import { memoryStore } from '@tributary/kernel/memory';
import { rebuildWatch } from './rebuild-watch.js';

const begun = () => {
  const { documents, events } = memoryStore();
  const put = (key: string, version: number, body: object) =>
    documents.put([{ kind: 'checkpoint', key, version, body: JSON.stringify(body) }]);
  return {
    documents,
    append: () =>
      events.append([
        {
          stream: `s-${crypto.randomUUID()}`,
          expectedRevision: -1,
          events: [{ id: crypto.randomUUID(), type: 'x', data: new Uint8Array(), metadata: { recordedAt: 0 } }],
        },
      ]),
    live: (epoch: string, rebuildTo: number) => put('projection', 0, { epoch, rebuildTo, leftovers: false }),
    make: (epoch: string, position: number) => put(`projection/${epoch}`, position, { position, ahead: [] }),
    isRebuilding: rebuildWatch(documents, events),
  };
};

describe('documents that were lost', () => {
  it('are being rebuilt from the loss on, until all that had happened by then is in them', async () => {
    const { documents, append, live, make, isRebuilding } = begun();
    await append();
    await live('one', -1);
    await make('one', 0);
    expect(await isRebuilding()).toBe(false);
    await documents.clear('checkpoint');
    expect(await isRebuilding()).toBe(true);
    await live('two', 5);
    expect(await isRebuilding()).toBe(true);
    await make('two', 4);
    expect(await isRebuilding()).toBe(true);
    await make('two', 5);
    expect(await isRebuilding()).toBe(false);
  });

  it('are being rebuilt, too, where they were set back to what they were before', async () => {
    const { documents, append, live, make, isRebuilding } = begun();
    await append();
    await live('one', -1);
    await make('one', 7);
    expect(await isRebuilding()).toBe(false);
    await documents.clear('checkpoint');
    await live('one', -1);
    await make('one', 4);
    expect(await isRebuilding()).toBe(true);
    await make('one', 7);
    expect(await isRebuilding()).toBe(false);
  });

  it('were none where nothing has happened yet', async () => {
    const { append, isRebuilding } = begun();
    expect(await isRebuilding()).toBe(false);
    await append();
    expect(await isRebuilding()).toBe(true);
  });
});
