import { describe, expect, it, jest } from '@jest/globals';
import { type AnyTouchpoint, parseCustomer, readSubjects } from '@tributary/domain';
import { type CustomerId, manualClock, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { awaitOutcome, type Command, type Outcome, submitCommand } from './commands.js';
import { cases, patience } from './controls/cases.js';
import { catalogue, identityRules, lifecycleRules, NOW, townLifeOn } from './controls/town.js';
import { Pipeline } from './pipeline.js';
import { COMMAND_TOPIC, quarantineTopic, touchpointTopic } from './ports.js';
import { FEED_TOPIC } from './feed-messages.js';

const world = async () => {
  const store = memoryStore();
  const clock = manualClock(NOW);
  await store.log.ensureTopics([
    ...['shop']
      .flatMap((channel) => [touchpointTopic(channel), quarantineTopic(channel)])
      .map((name) => ({ name, partitions: 1 })),
    { name: COMMAND_TOPIC, partitions: 1 },
    { name: FEED_TOPIC, partitions: 1 },
  ]);
  const context = { ports: store, catalogue, identityRules, lifecycleRules, clock };
  const run = async (maxRecords: number): Promise<() => Promise<void>> => {
    let head = 0;
    const pipeline = new Pipeline(context, { channels: ['shop'], maxRecords, onCommitted: () => (head += 1) });
    const { done } = await pipeline.start();
    done.catch((error: unknown) => {
      throw error;
    });
    return async () => {
      const [range] = await store.log.partitions(touchpointTopic('shop'));
      for (;;) {
        const next = (await store.log.committed('pipeline', { topic: touchpointTopic('shop'), partition: 0 })) ?? 0;
        if (next >= (range?.end ?? 0)) break;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      await pipeline.settle();
      await pipeline.stop();
    };
  };
  const accept = (touchpoints: readonly AnyTouchpoint[]): Promise<void> =>
    store.log.append([
      {
        topic: touchpointTopic('shop'),
        records: touchpoints.map((touchpoint) => ({
          key: touchpoint.identifiers[0]?.subject ?? null,
          value: catalogue.encode(touchpoint),
          timestamp_ms: touchpoint.receivedAt,
        })),
      },
    ]);
  /** Who is whom, with what state and course: all that a profile is rendered from, without how it came about. */
  const customers = async (): Promise<unknown[]> => {
    const all = [];
    for (const { body } of await store.documents.scan('customer', '', 10_000)) {
      const { id, subjects, course } = parseCustomer(body);
      const states = (await readSubjects(store.documents, subjects)).map((read) => {
        if (!read) throw new Error('a member has no document');
        const { record } = read;
        expect(record.customer).toBe(id);
        return { links: record.links, state: record.state };
      });
      all.push({ id, subjects, course, states });
    }
    return all;
  };
  const order = async (
    command: Omit<Command, 'id' | 'at' | 'by' | 'reason'> & Record<string, unknown>,
    id: string,
  ): Promise<Outcome> => {
    const stop = await run(100);
    await submitCommand(store.log, { ...command, id, at: clock.now(), by: 'spec', reason: 'spec' } as Command);
    const outcome = await awaitOutcome(store.documents, id, 30_000);
    await stop();
    if (!outcome) throw new Error('no outcome');
    return outcome;
  };
  return { store, run, accept, customers, order, context };
};

const townLife = townLifeOn(['shop']).map((all) => [...all]);
const inOrder = (touchpoints: readonly AnyTouchpoint[]): AnyTouchpoint[] =>
  [...touchpoints].sort((a, b) => a.occurredAt - b.occurredAt);
const RUNS = cases(60);
jest.setTimeout(patience(120_000));

const livedInOrder = async (touchpoints: readonly AnyTouchpoint[]) => {
  const lived = await world();
  const stop = await lived.run(1_000);
  await lived.accept(inOrder(touchpoints));
  await stop();
  return lived;
};

describe('the pipeline', () => {
  it('gives the customers of the in-order history, whatever the order, repetition and batching of what arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        townLife.chain((touchpoints) =>
          fc.record({
            touchpoints: fc.constant(touchpoints),
            arrival: fc.shuffledSubarray(touchpoints, { minLength: touchpoints.length, maxLength: touchpoints.length }),
            again: fc.subarray(touchpoints),
            batch: fc.integer({ min: 1, max: 7 }),
          }),
        ),
        async ({ touchpoints, arrival, again, batch }) => {
          const straight = await livedInOrder(touchpoints);
          const crooked = await world();
          const stop = await crooked.run(batch);
          await crooked.accept([...arrival, ...again]);
          await stop();
          expect(await crooked.customers()).toEqual(await straight.customers());
        },
      ),
      RUNS,
    );
  });

  it('restores both sides exactly when a merge is undone, also for what came in between', async () => {
    await fc.assert(
      fc.asyncProperty(townLife, townLife, async (before, between) => {
        const later = between.map(
          (touchpoint) => ({ ...touchpoint, messageId: `late-${touchpoint.messageId}` }) as AnyTouchpoint,
        );
        const merged = await livedInOrder(before);
        const [a, b] = (await merged.customers()) as { id: CustomerId }[];
        if (!a || !b) return;
        expect(await merged.order({ type: 'merge', customer: a.id, other: b.id }, 'merge')).toMatchObject({
          status: 'done',
        });
        const together = (await merged.customers()) as { subjects: SubjectId[] }[];
        const whole = together.find(({ subjects }) => subjects.includes(`s_${a.id.slice(2)}` as SubjectId));
        expect(whole?.subjects).toContain(`s_${b.id.slice(2)}`);
        const stop = await merged.run(3);
        await merged.accept(inOrder(later));
        await stop();
        const parted = await merged.order(
          { type: 'unmerge', customer: a.id, subject: `s_${b.id.slice(2)}` as SubjectId },
          'unmerge',
        );
        expect(parted).toMatchObject({ status: 'done' });

        const never = await livedInOrder(before);
        const stopNever = await never.run(3);
        await never.accept(inOrder(later));
        await stopNever();
        // Evidence that ties the two themselves is refused after an unmerge; without any, all is as if nobody had merged.
        const kept = (await never.customers()) as { subjects: SubjectId[] }[];
        const tied = kept.some(
          ({ subjects }) =>
            subjects.includes(`s_${a.id.slice(2)}` as SubjectId) &&
            subjects.includes(`s_${b.id.slice(2)}` as SubjectId),
        );
        if (!tied) expect(await merged.customers()).toEqual(kept);
      }),
      RUNS,
    );
  });

  it('keeps every projection equal to its rebuild, through merges, unmerges and erasures', async () => {
    await fc.assert(
      fc.asyncProperty(townLife, townLife, fc.integer({ min: 1, max: 9 }), async (before, after, batch) => {
        const lived = await livedInOrder(before);
        const [a, b] = (await lived.customers()) as { id: CustomerId }[];
        if (a && b) await lived.order({ type: 'merge', customer: a.id, other: b.id }, 'merge');
        const stop = await lived.run(batch);
        await lived.accept(
          after.map((touchpoint) => ({ ...touchpoint, messageId: `late-${touchpoint.messageId}` }) as AnyTouchpoint),
        );
        await stop();
        if (a) await lived.order({ type: 'erase', customer: a.id }, 'erase');
        const stopAgain = await lived.run(batch);
        await lived.accept(
          after.map((touchpoint) => ({ ...touchpoint, messageId: `again-${touchpoint.messageId}` }) as AnyTouchpoint),
        );
        await stopAgain();
        const pipeline = new Pipeline(lived.context, { channels: ['shop'] });
        const scratch = memoryStore();
        const report = await pipeline.verify({ documents: scratch.documents, close: async () => undefined });
        const failed = report.projections.filter(({ equal }) => !equal);
        // What differs is shown by comparing it.
        if (failed.length > 0)
          for (const kind of ['subject', 'activity', 'customer'] as const)
            expect(await lived.store.documents.scan(kind, '', 1_000)).toEqual(
              await scratch.documents.scan(kind, '', 1_000),
            );
        expect(failed).toEqual([]);
      }),
      RUNS,
    );
  });

  it('repairs documents that are wrong, missing or too many, whatever version they claim', async () => {
    await fc.assert(
      fc.asyncProperty(townLife, fc.integer({ min: 1, max: 9 }), async (life, batch) => {
        const lived = await livedInOrder(life);
        const bodies = async (kind: 'subject' | 'activity' | 'customer') =>
          (await lived.store.documents.scan(kind, '', 1_000)).map(({ key, body }) => [key, body]);
        const before = [await bodies('subject'), await bodies('activity'), await bodies('customer')];
        const [wrong, missing] = await lived.store.documents.scan('customer', '', 2);
        const claimed = 1_000_000 + batch;
        await lived.store.documents.put([
          ...(wrong ? [{ kind: 'customer', key: wrong.key, version: claimed, body: '{}' } as const] : []),
          ...(missing ? [{ kind: 'customer', key: missing.key, version: claimed, body: null } as const] : []),
          { kind: 'subject', key: 's_nobody', version: claimed, body: '{}' },
          { kind: 'activity', key: 's_nobody', version: claimed, body: '{}' },
          { kind: 'checkpoint', key: 'census', version: claimed, body: '{}' },
        ]);
        const pipeline = new Pipeline(lived.context, { channels: ['shop'] });
        const check = async (of: 'verify' | 'repair') => {
          const scratch = memoryStore();
          return (await pipeline[of]({ documents: scratch.documents, close: async () => undefined })).equal;
        };
        expect(await check('repair')).toBe(false);
        expect(await check('verify')).toBe(true);
        expect([await bodies('subject'), await bodies('activity'), await bodies('customer')]).toEqual(before);
      }),
      RUNS,
    );
  });
});
