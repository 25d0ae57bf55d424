import { describe, expect, it, jest } from '@jest/globals';
import { decodeDecision } from '@tributary/contracts';
import { COMMAND_STREAMS } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
import fc from 'fast-check';
import { cases, patience } from '../controls/cases.js';
import { channels, townLife } from '../controls/town.js';
import { compared } from '../stages/controls/fresh.js';
import { continued, fate, lived, page, PARTITIONS, step } from '../stages/controls/happenings.js';
import { makeWorld, type World } from '../stages/controls/world.js';
import { Projector } from '../stages/projector.js';

const RUNS = { ...cases(200), timeout: 60_000 };
jest.setTimeout(patience(600_000));

const steps = fc.array(step, { minLength: 5, maxLength: 40 });

const destroyedIn = async ({ store }: World): Promise<ReadonlySet<string>> => {
  const keyIds = new Set<string>();
  for (const { data } of await store.events.readAll(-1, 1_000_000, COMMAND_STREAMS)) {
    const command = decodeDecision(data);
    if (command.type === 'CommandTaken') for (const keyId of command.keys ?? []) keyIds.add(keyId);
  }
  return keyIds;
};

/** Ids of keys that sealed something, and were destroyed by nobody, and are not there. */
const lostOf = async (world: World): Promise<readonly string[]> => {
  const sealed = new Set<string>();
  for (const { metadata } of await world.store.events.readAll(-1, 1_000_000))
    if (metadata.keyId !== undefined) sealed.add(metadata.keyId);
  const destroyed = await destroyedIn(world);
  const held = await world.store.vault.keysById([...sealed]);
  return [...sealed].filter((keyId) => !held.has(keyId) && !destroyed.has(keyId));
};

const expectRebuilt = async (world: World, projector: Projector): Promise<void> => {
  const { projections } = await compared(world, projector);
  expect(projections.filter(({ equal }) => !equal)).toEqual([]);
};

const life = fc.record({
  touchpoints: townLife,
  more: townLife,
  fates: fc.array(fate, { maxLength: 30 }),
  maxEvents: page,
  before: steps,
  between: steps,
  after: steps,
  erased: fc.array(fc.record({ who: fc.nat(), isLate: fc.boolean() }), { maxLength: 4 }),
  losesDocuments: fc.boolean(),
});

describe('a vault that is set back to an older state at any moment of any life', () => {
  it('is refused where it lacks what was not erased, and nowhere else; what was erased is gone from it again', async () => {
    const seen = { refused: 0, taken: 0, back: 0 };
    await fc.assert(
      fc.asyncProperty(
        life,
        async ({ touchpoints, more, fates, maxEvents, before, between, after, erased, losesDocuments }) => {
          const world = await makeWorld(PARTITIONS);
          const subjects = [...new Set(touchpoints.flatMap(({ identifiers }) => identifiers.map((i) => i.subject)))];
          const order = async (late: boolean): Promise<void> => {
            for (const [i, { who, isLate }] of erased.entries()) {
              const subject = subjects[who % subjects.length];
              if (isLate !== late || !subject) continue;
              await world.order({ type: 'erase', id: `erase-${i}`, customer: customerNamedAfter(subject) });
            }
          };
          await world.accept(touchpoints);
          await order(false);
          const driver = await lived(world, fates, before, maxEvents);
          const setBack = world.store.vault.backup();
          await world.accept(more.map((touchpoint) => ({ ...touchpoint, messageId: `late-${touchpoint.messageId}` })));
          await order(true);
          await continued(driver, between);
          // What is in the air when a store is set back may still arrive afterwards.
          await driver.resume();
          expect(driver.refusals).toBe(0);
          const newest = world.store.vault.backup();
          setBack();
          if (losesDocuments) world.store.documents.lose();
          if ((await lostOf(world)).length > 0) {
            seen.refused += 1;
            const refused = new Projector(world.context(), world.feed(), { channels, maxEvents: 7 });
            await expect(refused.settle()).rejects.toMatchObject({ engine: 'keys', failure: 'retriable' });
            newest();
          } else {
            seen.taken += 1;
            const destroyed = [...(await destroyedIn(world))];
            if ((await world.store.vault.keysById(destroyed)).size > 0) seen.back += 1;
          }
          await continued(driver, after);
          await expectRebuilt(world, await driver.finish());
          expect(driver.refusals).toBe(0);
          expect(await lostOf(world)).toEqual([]);
          expect((await world.store.vault.keysById([...(await destroyedIn(world))])).size).toBe(0);
        },
      ),
      RUNS,
    );
    for (const often of Object.values(seen)) expect(often).toBeGreaterThan(0);
  });
});
