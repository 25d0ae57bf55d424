import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WrongExpectedRevision } from '../errors.js';
import { type EventStore, type NewEvent, type RecordedEvent } from './event-store.js';

export interface EventStoreUnderTest {
  readonly events: EventStore;
  /** Closes the engine and opens it anew over the same data; absent: the engine outlives its client. */
  reopen?(): Promise<EventStore>;
  close(): Promise<void>;
}

const uuid = (n: number): string => {
  const hex = n.toString(16).padStart(12, '0');
  return `00000000-0000-4000-8000-${hex}`;
};

/** What must come back of an event, in comparable form. */
const shape = ({ id, type, data, metadata }: NewEvent) => ({ id, type, data: [...data], metadata });

/**
 * Whatever calls itself an event store passes this: EventStoreDB's promises, no more. The store may hold other data, and
 * others may write to it meanwhile: what is said of "all" events is said of those that are made here.
 */
export const eventStoreContract = (name: string, make: () => Promise<EventStoreUnderTest>): void => {
  describe(`${name} keeps the event store's contract`, () => {
    let under: EventStoreUnderTest;
    let store: EventStore;
    let lastId = Math.floor(Math.random() * 2 ** 40);
    let lastStream = 0;
    const run = Math.random().toString(36).slice(2, 8);
    const fresh = (category = 'thing'): string => `${category}-${run}${++lastStream}`;
    const event = (type = 'Happened', more: Partial<NewEvent> = {}): NewEvent => ({
      id: uuid(++lastId),
      type,
      data: new TextEncoder().encode(`{"n":${lastId}}`),
      metadata: { recordedAt: 1_700_000_000_000 },
      ...more,
    });
    const events = (count: number): NewEvent[] => Array.from({ length: count }, () => event());
    const stream = (name: string) => store.readStream(name, 0, 1_000_000);

    beforeEach(async () => {
      under = await make();
      store = under.events;
    });
    afterEach(() => under.close());

    describe('an append', () => {
      it('is read back whole: ids, types, bytes, metadata, contiguous revisions', async () => {
        const name = fresh();
        const written = [
          event('First', { data: Uint8Array.from({ length: 256 }, (_, i) => i) }),
          event('第二', { data: new Uint8Array(0) }),
          event('Third', {
            data: new Uint8Array(7),
            metadata: {
              recordedAt: 1_700_000_000_123,
              source: { topic: 'touchpoints.shop', partition: 3, offset: 9_007_199_254 },
              keyId: '00ff00ff00ff00ff',
            },
          }),
        ];
        await store.append([{ stream: name, expectedRevision: -1, events: written.slice(0, 2) }]);
        await store.append([{ stream: name, expectedRevision: 1, events: written.slice(2) }]);
        const read = await stream(name);
        expect(read.map(shape)).toEqual(written.map(shape));
        expect(read.map(({ revision }) => revision)).toEqual([0, 1, 2]);
        expect(read.every((one) => one.stream === name)).toBe(true);
      });

      it('to many streams at once reaches all of them', async () => {
        const names = Array.from({ length: 200 }, () => fresh());
        await store.append(names.map((name) => ({ stream: name, expectedRevision: -1, events: events(3) })));
        const read = await store.readStreams(names);
        for (const name of names) expect(read.get(name)!.map(({ revision }) => revision)).toEqual([0, 1, 2]);
      });

      it('may be of thousands of events', async () => {
        const name = fresh();
        const written = events(2_000);
        await store.append([{ stream: name, expectedRevision: -1, events: written }]);
        expect((await stream(name)).map(({ id }) => id)).toEqual(written.map(({ id }) => id));
      });

      it('at another revision than the stream’s is refused and changes nothing', async () => {
        const name = fresh();
        await store.append([{ stream: name, expectedRevision: -1, events: events(2) }]);
        for (const expectedRevision of [-1, 0, 2, 7]) {
          const refusal = await store.append([{ stream: name, expectedRevision, events: events(1) }]).then(
            () => undefined,
            (error: unknown) => error,
          );
          expect(refusal).toBeInstanceOf(WrongExpectedRevision);
          expect(refusal).toMatchObject({ stream: name, expected: expectedRevision, actual: 1 });
        }
        expect(await stream(name)).toHaveLength(2);
      });

      it('to a stream that does not exist is refused unless it expects that', async () => {
        const name = fresh();
        await expect(store.append([{ stream: name, expectedRevision: 0, events: events(1) }])).rejects.toBeInstanceOf(
          WrongExpectedRevision,
        );
        expect(await stream(name)).toEqual([]);
      });

      it('that is made again with the same ids counts as done, once', async () => {
        const name = fresh();
        const first = { stream: name, expectedRevision: -1, events: events(2) };
        const second = { stream: name, expectedRevision: 1, events: events(3) };
        await store.append([first]);
        await store.append([first]);
        await store.append([second]);
        await store.append([second]);
        await store.append([first]);
        expect((await stream(name)).map(({ id }) => id)).toEqual(
          [...first.events, ...second.events].map(({ id }) => id),
        );
      });

      it('with other ids at a taken revision is a conflict, also if some are the same', async () => {
        const name = fresh();
        const [a, b, c] = [event(), event(), event()];
        await store.append([{ stream: name, expectedRevision: -1, events: [a, b] }]);
        await expect(store.append([{ stream: name, expectedRevision: -1, events: [a, c] }])).rejects.toBeInstanceOf(
          WrongExpectedRevision,
        );
        expect((await stream(name)).map(({ id }) => id)).toEqual([a.id, b.id]);
      });

      it('is atomic on its own: beside a refused one, each of the others is there whole or not at all', async () => {
        const [taken, free] = [fresh(), fresh()];
        await store.append([{ stream: taken, expectedRevision: -1, events: events(1) }]);
        await expect(
          store.append([
            { stream: free, expectedRevision: -1, events: events(3) },
            { stream: taken, expectedRevision: -1, events: events(3) },
          ]),
        ).rejects.toBeInstanceOf(WrongExpectedRevision);
        expect(await stream(taken)).toHaveLength(1);
        expect([0, 3]).toContain((await stream(free)).length);
      });

      it('of one among many racing for the same revision wins', async () => {
        const name = fresh();
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, () => store.append([{ stream: name, expectedRevision: -1, events: events(2) }])),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WrongExpectedRevision);
        expect(await stream(name)).toHaveLength(2);
      });

      it('of nothing is fine', async () => {
        await store.append([]);
      });
    });

    describe('a stream', () => {
      it('is read from any revision, at most so many', async () => {
        const name = fresh();
        let revision = -1;
        for (let i = 0; i < 60; i++) {
          const size = 1 + (i % 4);
          await store.append([{ stream: name, expectedRevision: revision, events: events(size) }]);
          revision += size;
        }
        const whole = await stream(name);
        expect(whole.map((one) => one.revision)).toEqual(Array.from({ length: revision + 1 }, (_, i) => i));
        for (const [from, max] of [
          [0, 1],
          [0, 10],
          [3, 5],
          [17, 40],
          [100, 1],
          [revision, 10],
          [revision - 2, 2],
        ] as const)
          expect(await store.readStream(name, from, max)).toEqual(whole.slice(from, from + max));
        expect(await store.readStream(name, revision + 1, 10)).toEqual([]);
      });

      it('that does not exist is empty', async () => {
        const name = fresh();
        expect(await stream(name)).toEqual([]);
        expect((await store.readStreams([name])).get(name) ?? []).toEqual([]);
      });

      it('is not mixed with one of a similar name', async () => {
        const name = fresh();
        await store.append([
          { stream: name, expectedRevision: -1, events: events(1) },
          { stream: `${name}0`, expectedRevision: -1, events: events(2) },
          { stream: name.toUpperCase(), expectedRevision: -1, events: events(3) },
        ]);
        expect(await stream(name)).toHaveLength(1);
        expect(await stream(`${name}0`)).toHaveLength(2);
        expect(await stream(name.toUpperCase())).toHaveLength(3);
      });
    });

    describe('the order of all', () => {
      const readAll = async (after: number, page: number, prefix?: string): Promise<RecordedEvent[]> => {
        const read: RecordedEvent[] = [];
        for (let at = after; ; at = read.at(-1)!.position) {
          const more = await store.readAll(at, page, prefix);
          expect(more.length).toBeLessThanOrEqual(page);
          if (more.length === 0) return read;
          read.push(...more);
        }
      };

      it('rises, begins after a position (exclusive), and holds every event once', async () => {
        const before = await store.head();
        const [a, b] = [fresh(), fresh('other')];
        for (let i = 0; i < 10; i++)
          await store.append([
            { stream: a, expectedRevision: i * 2 - 1, events: events(2) },
            { stream: b, expectedRevision: i - 1, events: events(1) },
          ]);
        for (const page of [1, 3, 7, 1000]) {
          const read = (await readAll(before, page)).filter(({ stream: s }) => s === a || s === b);
          expect(read).toHaveLength(30);
          expect(read.every(({ position }, i) => i === 0 || position > read[i - 1]!.position)).toBe(true);
          for (const name of [a, b]) expect(read.filter(({ stream: s }) => s === name)).toEqual(await stream(name));
        }
        const ours = async (after: number) =>
          (await readAll(after, 1000)).filter(({ stream: s }) => s === a || s === b);
        const read = await ours(before);
        expect(await ours(read[10]!.position)).toEqual(read.slice(11));
      });

      it('ends at `head`', async () => {
        const name = fresh();
        await store.append([{ stream: name, expectedRevision: -1, events: events(3) }]);
        const head = await store.head();
        expect(head).toBeGreaterThanOrEqual((await stream(name)).at(-1)!.position);
        expect((await readAll(head, 10)).filter(({ stream: s }) => s === name)).toEqual([]);
        await store.append([{ stream: name, expectedRevision: 2, events: events(1) }]);
        expect(await store.head()).toBeGreaterThan(head);
        expect((await readAll(head, 10)).map(({ stream: s }) => s)).toContain(name);
      });

      it('can be of streams with a prefix', async () => {
        const before = await store.head();
        const apple = `apple${run}`;
        const names = [fresh(apple), fresh(apple), fresh('pear'), fresh(`${apple}sauce`), `bare${run}${++lastStream}`];
        for (let i = 0; i < 5; i++)
          await store.append(names.map((name) => ({ stream: name, expectedRevision: i - 1, events: events(1) })));
        const streamsOf = async (prefix: string, page: number) =>
          [...new Set((await readAll(before, page, prefix)).map(({ stream: s }) => s))].sort();
        for (const page of [1, 4, 100]) {
          expect(await streamsOf(`${apple}-`, page)).toEqual(names.slice(0, 2).sort());
          expect(await streamsOf(apple, page)).toEqual([...names.slice(0, 2), names[3]!].sort());
          expect(await streamsOf(names[2]!, page)).toEqual([names[2]]);
          expect(await streamsOf(names[4]!, page)).toEqual([names[4]]);
          expect(await streamsOf(`nothing-${run}`, page)).toEqual([]);
        }
        expect(await readAll(before, 2, `${apple}-`)).toHaveLength(10);
      });
    });

    it('keeps everything when it is opened again', async () => {
      const names = [fresh(), fresh()];
      const before = await store.head();
      await store.append(names.map((name) => ({ stream: name, expectedRevision: -1, events: events(5) })));
      const ours = async () => {
        const read: RecordedEvent[] = [];
        for (let at = before; ; at = read.at(-1)!.position) {
          const more = await store.readAll(at, 100);
          if (more.length === 0) return read.filter(({ stream: s }) => names.includes(s));
          read.push(...more);
        }
      };
      const stored = await ours();
      expect(stored).toHaveLength(10);
      const head = await store.head();
      if (under.reopen) store = await under.reopen();
      expect(await ours()).toEqual(stored);
      expect(await store.head()).toBeGreaterThanOrEqual(head);
      await expect(
        store.append([{ stream: names[0]!, expectedRevision: 3, events: events(1) }]),
      ).rejects.toBeInstanceOf(WrongExpectedRevision);
      await store.append([{ stream: names[0]!, expectedRevision: 4, events: events(1) }]);
      expect((await stream(names[0]!)).map(({ revision }) => revision)).toEqual([0, 1, 2, 3, 4, 5]);
    });
  });
};
