import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WrongExpectedRevision } from '../errors.js';
import { type DocumentStore, type DocumentWrite, type SeenStore } from './documents.js';
import { type DocumentSaid, type Effects, type EffectSink, noEffects } from './effects.js';
import { type EventStore, type NewEvent } from './event-store.js';
import { type Log } from './log.js';

export interface EffectsUnderTest {
  readonly sink: EffectSink;
  readonly log: Log;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly seen: SeenStore;
  /** Whether the sink does all of a batch in one transaction, so that `expectedHead` holds and a refusal undoes all. */
  readonly transactional: boolean;
  close(): Promise<void>;
}

/** Every other body as bytes, in memory that serves for the next one, too. */
function* inBytes(documents: Iterable<DocumentWrite>): Iterable<DocumentSaid> {
  const scratch = new Uint8Array(64 * 1024);
  let turn = 0;
  for (const document of documents) {
    const { body } = document;
    if (body === null || turn++ % 2 === 1) yield document;
    else {
      const { read, written } = new TextEncoder().encodeInto(body, scratch);
      expect(read).toBe(body.length);
      yield { ...document, body: scratch.subarray(0, written) };
    }
    scratch.fill(0x3f);
  }
}

/** The two ways in which a batch is said. */
const ways = {
  'as a whole': (sink: EffectSink, effects: Effects): Promise<void> => sink.commit(effects),
  'one by one': async (sink: EffectSink, { appends, seen, outgoing, ...rest }: Effects): Promise<void> => {
    const sent = outgoing.map(({ topic }) => topic);
    const named = [...seen.map(({ at }) => at.split('/')[0] as string), ...rest.offsets.map(({ topic }) => topic)];
    const draft = await sink.begin(new Set([...sent, ...named]), appends.length);
    for (const append of appends) draft.append(append);
    for (const mark of seen) draft.see(mark);
    for (const append of outgoing) draft.send(append);
    let asked = false;
    const durable = draft.commit({
      ...rest,
      documents: (function* () {
        yield* inBytes(rest.documents);
        asked = true;
      })(),
    });
    expect(asked).toBe(true);
    await durable;
  },
};

/** Whatever carries out effects passes this; what only one transaction can promise is asked of those that have one. */
export const effectsContract = (name: string, make: () => Promise<EffectsUnderTest>): void => {
  describe.each(Object.entries(ways))(`${name} keeps the contract of effects, said %s:`, (_, say) => {
    let under: EffectsUnderTest;
    let count = 0;
    const run = Math.random().toString(36).slice(2, 8);
    const unique = (what: string) => `${what}-${run}${++count}`;
    const event = (): NewEvent => ({
      id: `00000000-0000-4000-8000-${Math.floor(Math.random() * 2 ** 47)
        .toString(16)
        .padStart(12, '0')}`,
      type: 'Happened',
      data: new Uint8Array([1, 0, 2]),
      metadata: { recordedAt: 1 },
    });
    const value = (text: string) => new Uint8Array(new TextEncoder().encode(text));

    beforeEach(async () => {
      under = await make();
    });
    afterEach(() => under.close());

    const batch = async () => {
      const topic = unique('in');
      const out = unique('out');
      await under.log.ensureTopics([
        { name: topic, partitions: 2 },
        { name: out, partitions: 1 },
      ]);
      const stream = unique('subject');
      const key = unique('k');
      const message = unique('message');
      const group = unique('group');
      const effects: Effects = {
        appends: [{ stream, expectedRevision: -1, events: [event(), event()] }],
        documents: [{ kind: 'subject', key, version: 7, body: '{}', due_ms: 5 }],
        seen: [{ key: message, at: `${topic}/1/41` }],
        outgoing: [{ topic: out, records: [{ key, value: value('sent'), timestamp_ms: 3 }] }],
        offsets: [{ group, topic, partition: 1, next: 42 }],
      };
      const outcome = async () => ({
        events: (await under.events.readStream(stream, 0, 10)).length,
        body: (await under.documents.get('subject', [key]))[0]?.body,
        seen: (await under.seen.firstSeen([message]))[0],
        sent: (await under.log.read({ topic: out, partition: 0 }, 0, 10)).length,
        committed: await under.log.committed(group, { topic, partition: 1 }),
      });
      return { effects, outcome, topic, group, stream };
    };
    const commit = (effects: Effects): Promise<void> => say(under.sink, effects);
    const refusalOf = (effects: Effects) =>
      commit(effects).then(
        () => undefined,
        (error: unknown) => error,
      );

    it('does everything that a batch says', async () => {
      const { effects, outcome, topic } = await batch();
      await commit(effects);
      expect(await outcome()).toEqual({ events: 2, body: '{}', seen: `${topic}/1/41`, sent: 1, committed: 42 });
    });

    it('does nothing for nothing', async () => {
      const head = await under.events.head();
      await commit(noEffects);
      expect(await under.events.head()).toBe(head);
    });

    it('may be asked for the same batch again: events, documents and seen keys are there once', async () => {
      const { effects, outcome } = await batch();
      await commit(effects);
      await commit(effects);
      expect(await outcome()).toMatchObject({ events: 2, body: '{}', committed: 42 });
    });

    it('does not move the offset of a batch whose stream somebody else has moved', async () => {
      const { effects, outcome, stream } = await batch();
      await under.events.append([{ stream, expectedRevision: -1, events: [event()] }]);
      expect(await refusalOf(effects)).toBeInstanceOf(WrongExpectedRevision);
      expect(await outcome()).toMatchObject({ events: 1, committed: undefined });
      if (under.transactional)
        expect(await outcome()).toEqual({ events: 1, body: undefined, seen: undefined, sent: 0, committed: undefined });
    });

    it('takes several appends to one stream in their order', async () => {
      const { effects, stream } = await batch();
      const more = { stream, expectedRevision: 1, events: [event()] };
      await commit({ ...effects, appends: [...effects.appends, more] });
      const read = await under.events.readStream(stream, 0, 10);
      expect(read.map(({ id }) => id)).toEqual([...effects.appends[0]!.events, ...more.events].map(({ id }) => id));
    });

    it('keeps concurrent batches whole', async () => {
      const batches = await Promise.all(Array.from({ length: 8 }, batch));
      await Promise.all(batches.map(({ effects }) => commit(effects)));
      for (const { outcome, topic } of batches)
        expect(await outcome()).toEqual({ events: 2, body: '{}', seen: `${topic}/1/41`, sent: 1, committed: 42 });
    });

    it('keeps a refused batch from harming those beside it', async () => {
      const batches = await Promise.all(Array.from({ length: 6 }, batch));
      const bad = batches[3]!;
      await under.events.append([{ stream: bad.stream, expectedRevision: -1, events: [event()] }]);
      const outcomes = await Promise.all(batches.map(({ effects }) => refusalOf(effects)));
      expect(outcomes.map((refusal) => refusal instanceof WrongExpectedRevision)).toEqual(
        batches.map((b) => b === bad),
      );
      for (const one of batches) expect((await one.outcome()).committed).toBe(one === bad ? undefined : 42);
    });

    it('takes a batch of thousands', async () => {
      const { effects, outcome, topic } = await batch();
      const streams = Array.from({ length: 3000 }, () => unique('subject'));
      await commit({
        ...effects,
        appends: [
          ...effects.appends,
          ...streams.map((stream) => ({ stream, expectedRevision: -1, events: [event()] })),
        ],
        documents: [
          ...effects.documents,
          ...streams.map((key) => ({ kind: 'subject' as const, key, version: 1, body: `"${key}"` })),
        ],
        seen: [...effects.seen, ...streams.map((key) => ({ key, at: `${topic}/0/1` }))],
      });
      expect(await outcome()).toMatchObject({ events: 2, committed: 42 });
      const read = await under.documents.get('subject', streams);
      expect(read.every((one, i) => one?.body === `"${streams[i]}"`)).toBe(true);
      expect((await under.events.readStreams(streams)).size).toBe(3000);
    });

    it('keeps nothing of a batch that was said and never committed', async () => {
      const { effects, outcome, topic } = await batch();
      const draft = await under.sink.begin([topic]);
      for (const append of effects.appends) draft.append(append);
      for (const mark of effects.seen) draft.see(mark);
      expect(await outcome()).toMatchObject({ events: 0, seen: undefined, sent: 0, committed: undefined });
      await commit(effects);
      expect(await outcome()).toMatchObject({ events: 2, seen: `${topic}/1/41`, sent: 1, committed: 42 });
    });

    it('holds a transactional batch to the head that it expects', async () => {
      if (!under.transactional) return;
      const first = await batch();
      await commit(first.effects);
      const head = await under.events.head();
      const second = await batch();
      expect(await refusalOf({ ...second.effects, expectedHead: head - 1 })).toMatchObject({
        name: 'WrongExpectedRevision',
        stream: '$all',
        expected: head - 1,
        actual: head,
      });
      expect(await second.outcome()).toMatchObject({ events: 0, body: undefined, sent: 0, committed: undefined });
      await commit({ ...second.effects, expectedHead: head });
      const positions = (await under.events.readStream(second.stream, 0, 10)).map(({ position }) => position);
      expect(positions).toEqual([head + 1, head + 2]);
      expect(await under.events.head()).toBe(head + 2);
    });
  });
};
