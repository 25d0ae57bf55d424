import { describe, expect, it, jest } from '@jest/globals';
import { type AnyTouchpoint } from '@tributary/domain';
import { customerNamedAfter, manualClock, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { readCensus } from '../census.js';
import { COMMAND_TOPIC, quarantineTopic, touchpointTopic } from '../ports.js';
import { FEED_TOPIC } from '../feed-messages.js';
import { SoleWriter } from '../sole-writer.js';
import { projectionState } from './checkpoint.js';
import { type Projector } from './projector.js';
import { Copier, profilesOf } from './controls/copier.js';
import { compared } from './controls/fresh.js';
import { Follower } from './controls/follower.js';
import { continued, fate, lived, page, PARTITIONS, step } from './controls/happenings.js';
import { cases, patience } from '../controls/cases.js';
import { countAnew } from '../controls/count-anew.js';
import { catalogue, channels, identityRules, lifecycleRules, NOW, townLife } from '../controls/town.js';
import {
  acceptedOf,
  customersOf,
  effectsOf,
  feedOf,
  intakeOf,
  makeWorld,
  partsOf,
  partsSaid,
  standingsOf,
  type World,
} from './controls/world.js';

const SOMEBODY = `s_${'0'.repeat(32)}` as SubjectId;
const RUNS = { ...cases(150), timeout: 60_000 };
jest.setTimeout(patience(600_000));

/** What the embedded pipeline, with its one transaction a batch, makes of the same input. */
const embedded = async (touchpoints: readonly AnyTouchpoint[]): Promise<readonly unknown[]> => {
  const store = memoryStore();
  await store.log.ensureTopics(
    [
      ...channels.flatMap((channel) => [touchpointTopic(channel), quarantineTopic(channel)]),
      COMMAND_TOPIC,
      FEED_TOPIC,
    ].map((name) => ({ name, partitions: 1 })),
  );
  for (const touchpoint of touchpoints)
    await store.log.append([
      {
        topic: touchpointTopic(touchpoint.channel),
        records: [
          {
            key: touchpoint.identifiers[0]?.subject ?? null,
            value: catalogue.encode(touchpoint),
            timestamp_ms: touchpoint.receivedAt,
          },
        ],
      },
    ]);
  const writer = new SoleWriter({ ports: store, catalogue, identityRules, lifecycleRules, clock: manualClock(NOW) });
  await writer.begin();
  for (const channel of channels) {
    const at = { topic: touchpointTopic(channel), partition: 0 };
    const records = await store.log.read(at, 0, touchpoints.length);
    if (records.length > 0) await writer.take([{ ...at, records, end: records.length }]);
  }
  while (await writer.askDue());
  return customersOf(store);
};

const expectConsistent = async (world: World, copier: Copier, projector: Projector): Promise<void> => {
  const effects = await effectsOf(world);
  expect(new Set(effects).size).toBe(effects.length);
  const messages = await feedOf(world);
  expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length);
  expect(messages.map(({ sequence }) => sequence)).toEqual(
    messages.map(({ sequence }) => sequence).sort((a, b) => a - b),
  );
  for (const ranges of (await intakeOf(world)).values())
    ranges.forEach(([from], i) => expect(from).toBe(i === 0 ? 0 : (ranges[i - 1] as readonly [number, number])[1] + 1));
  // Whoever keeps a copy of profiles has those that there are, as they are.
  await copier.hear();
  expect(copier.profiles()).toEqual(await profilesOf(world));
  // Whoever folds the feed has the customers of the documents, …
  const follower = new Follower();
  for (const message of messages) follower.hear(message);
  expect(follower.customers()).toEqual(await standingsOf(world.store));
  // … and has been told of nobody who was another's.
  expect(follower.senseless).toEqual([]);
  const { projections } = await compared(world, projector);
  const failed = projections.filter(({ equal }) => !equal);
  expect(failed).toEqual([]);
  const { customers, standing } = await readCensus(world.store.documents);
  expect({ customers, standing }).toEqual(await countAnew(world.store.documents));
};

describe('the stages over engines that share no transaction', () => {
  it('come to the customers of the embedded pipeline, each touchpoint and message once, whatever dies or lingers', async () => {
    let lives = 0;
    let deaths = 0;
    let pauses = 0;
    await fc.assert(
      fc.asyncProperty(
        townLife.chain((touchpoints) =>
          fc.record({
            touchpoints: fc.constant(touchpoints),
            again: fc.subarray([...touchpoints]),
            fates: fc.array(fate, { minLength: 5, maxLength: 40 }),
            maxEvents: page,
            steps: fc.array(step, { minLength: 15, maxLength: 100 }),
          }),
        ),
        async ({ touchpoints, again, fates, maxEvents, steps }) => {
          const world = await makeWorld(PARTITIONS);
          await world.accept([...touchpoints, ...again]);
          const copier = new Copier(world);
          const driver = await lived(world, fates, steps, maxEvents, () => copier.hear());
          const projector = await driver.finish();
          expect(driver.refusals).toBe(0);
          lives += 1;
          deaths += driver.deaths;
          pauses += driver.pauses;
          expect(await customersOf(world.store)).toEqual(await embedded(touchpoints));
          await expectConsistent(world, copier, projector);
        },
      ),
      RUNS,
    );
    // The faults that this is about did happen.
    expect(deaths).toBeGreaterThan(lives);
    expect(pauses).toBeGreaterThan(lives / 4);
  });

  it('survive the loss of all documents and of the memory of messages, in the middle of it', async () => {
    await fc.assert(
      fc.asyncProperty(
        townLife,
        fc.array(fate, { maxLength: 20 }),
        page,
        fc.array(step, { minLength: 5, maxLength: 50 }),
        fc.array(step, { minLength: 5, maxLength: 50 }),
        fc.boolean(),
        async (touchpoints, fates, maxEvents, before, after, both) => {
          const world = await makeWorld(PARTITIONS);
          await world.accept(touchpoints);
          const copier = new Copier(world);
          const driver = await lived(world, fates, before, maxEvents, () => copier.hear());
          // What is in the air when a store is lost may still arrive afterwards: see ADR 7.
          await driver.resume();
          world.store.documents.lose();
          if (both) world.store.seen.lose();
          await world.accept(touchpoints);
          await continued(driver, after, () => copier.hear());
          const projector = await driver.finish();
          expect(driver.refusals).toBe(0);
          expect(await customersOf(world.store)).toEqual(await embedded(touchpoints));
          expect(await acceptedOf(world)).toBe(touchpoints.length);
          await expectConsistent(world, copier, projector);
          expect(await projectionState(world.store.documents)).toMatchObject({ rebuilding: false });
        },
      ),
      RUNS,
    );
  });

  it('carry out each command once, and what they did equals its rebuild', async () => {
    await fc.assert(
      fc.asyncProperty(
        townLife,
        townLife,
        fc.array(fate, { maxLength: 30 }),
        page,
        fc.array(step, { minLength: 10, maxLength: 50 }),
        fc.array(step, { minLength: 10, maxLength: 50 }),
        fc.array(
          fc.record({
            type: fc.constantFrom('merge' as const, 'unmerge' as const, 'erase' as const),
            one: fc.nat(),
            other: fc.nat(),
            twice: fc.boolean(),
          }),
          { minLength: 1, maxLength: 4 },
        ),
        async (touchpoints, more, fates, maxEvents, before, after, commands) => {
          const world = await makeWorld(PARTITIONS);
          await world.accept(touchpoints);
          const copier = new Copier(world);
          const driver = await lived(world, fates, before, maxEvents, () => copier.hear());
          const subjects = [...new Set(touchpoints.flatMap(({ identifiers }) => identifiers.map((i) => i.subject)))];
          const ids: string[] = [];
          for (const [i, { type, one, other, twice }] of commands.entries()) {
            const [a, b] = [one, other].map((n) => subjects[n % subjects.length] ?? SOMEBODY) as [SubjectId, SubjectId];
            const id = `${type}-${i}`;
            ids.push(id);
            for (let copies = twice ? 2 : 1; copies > 0; copies--)
              await world.order({
                type,
                id,
                customer: customerNamedAfter(a),
                other: customerNamedAfter(b),
                subject: b,
              });
          }
          await world.accept(more.map((touchpoint) => ({ ...touchpoint, messageId: `late-${touchpoint.messageId}` })));
          await continued(driver, after, () => copier.hear());
          const projector = await driver.finish();
          expect(driver.refusals).toBe(0);
          const outcomes = await world.store.documents.get('outcome', ids);
          expect(outcomes.every((outcome) => outcome !== undefined)).toBe(true);
          expect(await partsOf(world)).toEqual(await partsSaid(world));
          await expectConsistent(world, copier, projector);
        },
      ),
      RUNS,
    );
  });
});
