import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  loadIdentityRules,
  loadLifecycleRules,
  makeIdentify,
  openCatalogue,
  parseTouchpoint,
} from '@tributary/contracts';
import { manualClock } from '@tributary/kernel';
import { type MemoryStore, memoryStore } from '@tributary/kernel/memory';
import {
  COMMAND_TOPIC,
  documentsMadeTo,
  FEED_TOPIC,
  logFeed,
  Processor,
  Projector,
  quarantineTopic,
  type StageContext,
  touchpointTopic,
} from '@tributary/pipeline';
import { ActiveProjector } from './active-projector.js';
import { examineDocuments } from './examine-documents.js';

const lookupKey = new Uint8Array(32);
const catalogue = openCatalogue();
const rules = loadIdentityRules({ lookupKey });
const identify = makeIdentify({ lookupKey, rules });
const channels = ['shop'];
const NOW = Date.UTC(2026, 0, 1);

describe('documents of a platform of processes', () => {
  let store: MemoryStore;
  let context: StageContext;
  let projector: Projector;
  const stages: { stop(): Promise<void> }[] = [];
  const begin = <S extends { start(): { readonly done: Promise<void> }; stop(): Promise<void> }>(stage: S): S => {
    stage.start().done.catch((error: unknown) => {
      throw error;
    });
    stages.push(stage);
    return stage;
  };
  beforeEach(async () => {
    store = memoryStore();
    context = {
      ports: store,
      catalogue,
      identityRules: rules,
      lifecycleRules: loadLifecycleRules(),
      clock: manualClock(NOW),
    };
    const topics = [touchpointTopic('shop'), quarantineTopic('shop'), COMMAND_TOPIC, FEED_TOPIC];
    await store.log.ensureTopics(topics.map((name) => ({ name, partitions: 1 })));
    begin(new Processor(context, { channels }));
    projector = begin(new Projector(context, logFeed(store.log), { channels, poll_ms: 5 }));
    await accept('m1');
  });
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.stop();
  });

  const accept = async (messageId: string): Promise<void> => {
    const envelope = {
      type: 'page_viewed',
      messageId,
      occurredAt: new Date(NOW).toISOString(),
      identifiers: [{ type: 'phone', value: '13800001234' }],
      payload: { path: '/' },
    };
    const understood = parseTouchpoint(envelope, { channel: 'shop', receivedAt: NOW, identify });
    if (!understood.ok) throw new Error(JSON.stringify(understood.problem));
    const record = { key: null, value: catalogue.encode(understood.touchpoint), timestamp_ms: NOW };
    const before = (await counted()) + 1;
    await store.log.append([{ topic: touchpointTopic('shop'), records: [record] }]);
    while ((await counted()) < before) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  const counted = async (): Promise<number> => {
    const [census] = await store.documents.get('checkpoint', ['census']);
    const settled = (await documentsMadeTo(store.documents)).position === (await store.events.head());
    return census && settled ? (JSON.parse(census.body) as { touchpoints: number }).touchpoints : 0;
  };
  const examine = (order: 'verify' | 'rebuild', signal = new AbortController().signal) =>
    examineDocuments(context, async () => projector)(order, signal);
  const lose = async (): Promise<void> => {
    const [subject] = await store.documents.scan('subject', '', 1);
    await store.documents.replace([
      { kind: 'subject', key: subject?.key as string, version: subject?.version as number, body: null },
    ]);
  };

  it('are compared with their rebuild, and mended, while the projector goes on', async () => {
    expect(await examine('verify')).toMatchObject({ outcome: 'equal', equal: true });
    await lose();
    const report = await examine('verify');
    expect(report.projections.filter(({ equal }) => !equal).map(({ name }) => name)).toEqual(['subjects']);
    await examine('rebuild');
    expect(await examine('verify')).toMatchObject({ outcome: 'equal' });
    await accept('m2');
    expect(await examine('verify')).toMatchObject({ outcome: 'equal' });
  });

  it('are mended for the projector, too: what it remembers of them is not what it goes on from', async () => {
    const [subject] = await store.documents.scan('subject', '', 1);
    const [activity] = await store.documents.scan('activity', '', 1);
    for (const [kind, document] of [
      ['subject', subject],
      ['activity', activity],
    ] as const)
      await store.documents.replace([{ kind, key: document?.key as string, version: 0, body: null }]);
    // A projector that begins now knows of nobody, and would go on counting from there.
    await stages.pop()?.stop();
    projector = begin(new Projector(context, logFeed(store.log), { channels, poll_ms: 5 }));
    await accept('m2');
    expect((await examine('verify')).outcome).toBe('different');
    await examine('rebuild');
    await accept('m3');
    expect((await examine('verify')).outcome).toBe('equal');
  });

  it('are left alone by a projector that another has taken over from', async () => {
    await lose();
    const gone = examineDocuments(context, async () => null)('rebuild', new AbortController().signal);
    await expect(gone).rejects.toMatchObject({ failure: 'retriable' });
    let asked = 0;
    const lost = examineDocuments(context, async () => ((asked += 1) > 1 ? null : projector));
    await expect(lost('rebuild', new AbortController().signal)).rejects.toMatchObject({ failure: 'retriable' });
    expect((await examine('verify')).outcome).toBe('different');
  });

  it('are those of the projector that began last, also while the one before has not noticed', async () => {
    const here = new ActiveProjector(store.documents);
    const there = new ActiveProjector(store.documents);
    const feed = logFeed(store.log);
    await here.feedOf(() => projector, feed).begin();
    expect([await here.get(), await there.get()]).toEqual([projector, null]);
    await there.feedOf(() => projector, feed).begin();
    expect([await here.get(), await there.get()]).toEqual([null, projector]);
    there.ended(projector);
    expect([await here.get(), await there.get()]).toEqual([null, null]);
  });

  it('need not be compared to the end when the process is told to end', async () => {
    await expect(examine('verify', AbortSignal.abort())).rejects.toThrow('interrupted');
  });
});
