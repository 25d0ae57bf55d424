import { describe, expect, it } from '@jest/globals';
import { intakeStream, quarantineTopic, touchpointTopic } from '@tributary/domain';
import { memoryStore } from '@tributary/kernel/memory';
import { PIPELINE_GROUP } from '@tributary/pipeline';
import { endInput, REMAINING_IN_KAFKA } from './end-input.js';

const topic = touchpointTopic('shop');
const aside = quarantineTopic('shop');

/** Five touchpoints of which three were taken, and one in quarantine; the tables hold them up to a position. */
const begun = async () => {
  const store = memoryStore();
  await store.log.ensureTopics([topic, aside].map((name) => ({ name, partitions: 1 })));
  const record = { key: null, value: new Uint8Array([1]), timestamp_ms: 0 };
  await store.log.append([
    { topic, records: Array.from({ length: 5 }, () => record) },
    { topic: aside, records: [record] },
  ]);
  store.log.commitNow(PIPELINE_GROUP, { topic, partition: 0 }, 3);
  const data = new TextEncoder().encode(JSON.stringify({ type: 'BatchTaken', topic, accepted: 3 }));
  const event = { id: '00000000-0000-4000-8000-000000000001', type: 'BatchTaken', data, metadata: { recordedAt: 0 } };
  await store.events.append([{ stream: intakeStream(topic, 0), expectedRevision: -1, events: [event] }]);
  const begins = async () => [...(await store.log.partitions(topic)), ...(await store.log.partitions(aside))];
  return { store, begins: async () => (await begins()).map(({ begin }) => begin) };
};

describe('the end of the input’s retention', () => {
  it('drops what was taken and loaded, and the quarantine; what was not taken stays', async () => {
    const { store, begins } = await begun();
    const end = endInput({
      ...store,
      loadedTo: async () => 0,
      channels: () => ['shop'],
      remaining: REMAINING_IN_KAFKA,
    });
    expect(await end('asked')).toMatchObject({ topics: 2, records: 4, remaining: expect.stringContaining('segment') });
    expect(await begins()).toEqual([3, 1]);
    expect(await end('asked')).toMatchObject({ topics: 0, records: 0 });
  });

  it('drops nothing before it is loaded', async () => {
    let loadedTo = -1;
    const { store, begins } = await begun();
    const end = endInput({ ...store, loadedTo: async () => loadedTo, channels: () => ['shop'], patience_ms: 100 });
    await expect(end('asked')).rejects.toMatchObject({ status: 503, code: 'not_loaded' });
    expect(await begins()).toEqual([0, 0]);
    loadedTo = 0;
    await end('asked');
    expect(await begins()).toEqual([3, 1]);
  });

  it('drops nothing of what is taken while it waits for the warehouse', async () => {
    const { store, begins } = await begun();
    let looked = false;
    const loadedTo = async () => {
      // Taken, and not loaded.
      if (!looked) store.log.commitNow(PIPELINE_GROUP, { topic, partition: 0 }, 5);
      looked = true;
      return 0;
    };
    expect(await endInput({ ...store, loadedTo, channels: () => ['shop'] })('asked')).toEqual({
      topics: 2,
      records: 4,
    });
    expect(await begins()).toEqual([3, 1]);
  });
});
