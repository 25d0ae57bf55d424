import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, SUBJECT_STREAMS, volumeClass } from '@tributary/domain';
import { type GoneRecords, type StoredRecord } from '@tributary/kernel';
import fc from 'fast-check';
import { touchpointTopic } from '../ports.js';
import { channels, townLife } from '../controls/town.js';
import { effectsOf, makeWorld, type World } from './controls/world.js';
import { Processor } from './processor.js';

const at = { topic: touchpointTopic('shop'), partition: 0 };

/** A world with one batch in its log, of as many touchpoints of people who are known. */
const withBatch = async (): Promise<{ world: World; records: readonly StoredRecord[] }> => {
  const world = await makeWorld(1);
  const touchpoints = fc
    .sample(townLife, { numRuns: 20, seed: 7 })
    .flat()
    .filter(({ identifiers }) => identifiers.length > 0)
    .slice(0, 12)
    .map((touchpoint, i): AnyTouchpoint => ({ ...touchpoint, channel: 'shop', messageId: `n${i}` }));
  await world.accept(touchpoints);
  return { world, records: await world.store.log.read(at, 0, 100) };
};

/** The same with six visits of one person, which make one sum. */
const withVisits = async (): Promise<{ world: World; records: readonly StoredRecord[] }> => {
  const world = await makeWorld(1);
  const visit = fc
    .sample(townLife, { numRuns: 20, seed: 7 })
    .flat()
    .find(({ type, identifiers }) => volumeClass[type] === 'behaviour' && identifiers.length > 0) as AnyTouchpoint;
  await world.accept(Array.from({ length: 6 }, (_, i) => ({ ...visit, channel: 'shop', messageId: `n${i}` })));
  return { world, records: await world.store.log.read(at, 0, 100) };
};

/** The platform was away for so long that Kafka forgot the group's offsets, and dropped records up to there. */
const begunAgain = async (world: World, begin: number): Promise<{ from: number; gone: readonly GoneRecords[] }> => {
  await world.store.log.truncate(at, begin);
  const gone: GoneRecords[] = [];
  const processor = new Processor(world.context(), { channels, onGone: (one) => gone.push(one) });
  return { from: await processor.startAt(at), gone };
};

describe('a batch whose records the log’s retention has dropped, with nobody who knows whether it was completed', () => {
  it('is known by its events to have been: nothing is missed, nothing is doubled', async () => {
    for (const begin of [5, 12]) {
      const { world, records } = await withBatch();
      await new Processor(world.context(), { channels }).onBatch({ ...at, records, end: records.length });
      const before = await effectsOf(world);
      expect(await begunAgain(world, begin)).toEqual({ from: 12, gone: [] });
      expect(await effectsOf(world)).toEqual(before);
    }
  });

  it('is said to be gone where it was not, and of what is held everything is carried out', async () => {
    const { world, records } = await withBatch();
    const { ports, ...rest } = world.context();
    // Said, and nothing of it done.
    const broken = {
      ...ports,
      vault: {
        ...ports.vault,
        markedTo: async () => undefined,
        keysFor: () => Promise.reject(new Error('the vault is away')),
      },
    };
    const first = new Processor({ ...rest, ports: broken }, { channels });
    await expect(first.onBatch({ ...at, records, end: records.length })).rejects.toThrow('away');
    expect(await begunAgain(world, 5)).toEqual({ from: 12, gone: [{ ...at, from: 0, to: 5 }] });
    expect(await effectsOf(world)).toHaveLength(7);
    const all = await withBatch();
    await expect(
      new Processor({ ...rest, ports: { ...all.world.context().ports, vault: broken.vault } }, { channels }).onBatch({
        ...at,
        records: all.records,
        end: 12,
      }),
    ).rejects.toThrow('away');
    expect(await begunAgain(all.world, 12)).toEqual({ from: 12, gone: [{ ...at, from: 0, to: 12 }] });
  });

  it('is not said to be gone because somebody of it was erased since', async () => {
    const { world, records } = await withVisits();
    await new Processor(world.context(), { channels }).onBatch({ ...at, records, end: 6 });
    const sums = await world.store.events.readAll(-1, 10, SUBJECT_STREAMS);
    await world.store.vault.destroy(sums.flatMap(({ metadata }) => metadata.keyId ?? []));
    expect(await begunAgain(world, 6)).toEqual({ from: 6, gone: [] });
  });

  it('is not doubled where who said it goes on meanwhile: a sum of what is left is another one', async () => {
    const { world, records } = await withVisits();
    const { ports, ...rest } = world.context();
    const over = (
      keysFor: (subjects: Parameters<typeof ports.vault.keysFor>[0]) => ReturnType<typeof ports.vault.keysFor>,
    ) => {
      const vault = {
        keysFor,
        keysById: (ids: readonly string[]) => ports.vault.keysById(ids),
        markedTo: async () => undefined,
      };
      return new Processor({ ...rest, ports: { ...ports, vault: vault as typeof ports.vault } }, { channels });
    };
    let goOn!: () => void;
    const goesOn = new Promise<void>((resolve) => (goOn = resolve));
    let said!: () => void;
    const isSaid = new Promise<void>((resolve) => (said = resolve));
    const first = over(async (subjects) => {
      said();
      await goesOn;
      return ports.vault.keysFor(subjects);
    }).onBatch({ ...at, records, end: 6 });
    await isSaid;
    await world.store.log.truncate(at, 3);
    const second = over(async (subjects) => {
      goOn();
      await first;
      return ports.vault.keysFor(subjects);
    });
    expect(await second.startAt(at)).toBe(6);
    expect(await effectsOf(world)).toHaveLength(6);
  });
});
