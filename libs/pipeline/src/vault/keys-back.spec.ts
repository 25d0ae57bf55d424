import { describe, expect, it } from '@jest/globals';
import { type Faults } from '@tributary/kernel/memory';
import { ANN, BEN, orderOf } from '../controls/orders.js';
import { compared, processor, projector } from '../stages/controls/fresh.js';
import { AT, taken } from '../stages/controls/handed.js';
import { effectsOf, makeWorld } from '../stages/controls/world.js';
import { eraseOf, erased, keysOf, lateContext, withAnn } from './controls/set-back.js';

/** Ann and Ben are known, the backup is made, then Ben is erased. Answers how the vault is set back, and what Ben's keys were. */
const withErasedBen = async () => {
  const { world, takes, reads } = await withAnn();
  await taken(world, takes, orderOf(2, BEN));
  await reads.settle();
  const setBack = world.store.vault.backup();
  const keys = await keysOf(world, BEN.subject);
  await erased(world, reads, BEN.subject);
  await reads.settle();
  return { world, takes, reads, setBack, keys };
};

describe('a vault that was set back to an older state, in which destroyed keys are again', () => {
  it.each(['projector', 'processor'] as const)('loses them again, and once, where a %s begins first', async (first) => {
    const { world, reads, setBack, keys } = await withErasedBen();
    setBack();
    expect(await effectsOf(world)).toHaveLength(2);
    const told: number[] = [];
    const context = { ...world.context(), onKeysBack: (many: number): void => void told.push(many) };
    if (first === 'projector') await projector(world, context).settle();
    else await processor(world, context).startAt(AT);
    expect(told).toEqual([1]);
    expect((await world.store.vault.keysById(keys)).size).toBe(0);
    expect(await effectsOf(world)).toHaveLength(1);
    expect((await compared(world, reads)).equal).toBe(true);
  });

  it('loses them also in a rebuild from zero', async () => {
    const { world, setBack } = await withErasedBen();
    setBack();
    world.store.documents.lose();
    await projector(world).settle();
    expect(await keysOf(world, BEN.subject)).toEqual([]);
  });

  it('seals nothing with them for who came again, also in the very next batch of who runs', async () => {
    const { world, takes, reads, setBack, keys } = await withErasedBen();
    await taken(world, takes, orderOf(3, ANN));
    setBack();
    await taken(world, takes, orderOf(4, BEN));
    expect(await keysOf(world, BEN.subject)).not.toEqual(keys);
    await reads.settle();
    expect(await effectsOf(world)).toHaveLength(3);
    expect((await compared(world, reads)).equal).toBe(true);
  });

  it('nor where the documents are lost and nothing was read yet', async () => {
    const { world, setBack } = await withErasedBen();
    setBack();
    world.store.documents.lose();
    await taken(world, processor(world), orderOf(3, BEN));
    await projector(world).settle();
    expect(await effectsOf(world)).toHaveLength(2);
  });

  it.each([1, 0])('nor where an older erasure was ordered once more since, %i ms later', async (later) => {
    const { world, takes, reads } = await withAnn();
    await taken(world, takes, orderOf(2, BEN));
    await erased(world, reads, ANN.subject);
    await reads.settle();
    const setBack = world.store.vault.backup();
    await erased(world, reads, BEN.subject);
    await reads.settle();
    world.clock.advance(later);
    await world.order(eraseOf(ANN.subject));
    setBack();
    world.store.documents.lose();
    await taken(world, processor(world), orderOf(3, BEN));
    await projector(world).settle();
    expect(await effectsOf(world)).toHaveLength(1);
  });

  it('is held against the events once, for however many partitions', async () => {
    const world = await makeWorld(3);
    const [takes, reads] = [processor(world), projector(world)];
    await taken(world, takes, orderOf(1));
    await reads.settle();
    const setBack = world.store.vault.backup();
    await taken(world, takes, orderOf(2));
    await reads.settle();
    setBack();
    const pages: string[] = [];
    const faults: Faults = { at: (step) => (step === 'events.readAll' && pages.push(step), 'none') };
    const begins = processor(world, world.context(faults));
    await Promise.all([0, 1, 2].map((partition) => begins.startAt({ ...AT, partition })));
    expect(pages).toHaveLength(1);
  });

  it('is not read with them, where a page says of its last touchpoints that they go', async () => {
    const { world, reads } = await withAnn();
    const setBack = world.store.vault.backup();
    const late = lateContext(world, await world.store.vault.keysFor([ANN.subject]));
    await erased(world, reads, ANN.subject);
    await taken(world, processor(world, late), orderOf(2, ANN));
    await reads.settle();
    setBack();
    world.store.documents.lose();
    const next = projector(world);
    await next.settle();
    expect(await effectsOf(world)).toEqual([]);
    expect((await compared(world, next)).equal).toBe(true);
  });
});
