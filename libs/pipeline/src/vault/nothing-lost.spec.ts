import { describe, expect, it } from '@jest/globals';
import { ANN, orderOf } from '../controls/orders.js';
import { compared, processor, projector } from '../stages/controls/fresh.js';
import { taken } from '../stages/controls/handed.js';
import { effectsOf } from '../stages/controls/world.js';
import { takeCommand } from '../stages/take-command.js';
import { WorkingSet } from '../working-set.js';
import { eraseOf, erased, keysOf, lateContext, withAnn } from './controls/set-back.js';

describe('a vault in which nothing is missing', () => {
  it('is not refused while an erasure is under way, before its subjects are said to be erased', async () => {
    const { world } = await withAnn();
    // Whoever orders it dies between the keys and the first word of it.
    await world.order(eraseOf(ANN.subject));
    const context = world.context();
    const { taken: command } = await takeCommand(
      { ...eraseOf(ANN.subject), at: 1, by: 'spec', reason: 'spec' },
      undefined,
      new WorkingSet(context.ports.documents),
      context,
      async () => undefined,
    );
    const [keyId] = command.keys ?? [];
    expect(await context.ports.vault.destroy([keyId as string])).toBe(1);
    world.store.documents.lose();
    await projector(world).settle();
  });

  it('is not called lost by a comparison where one transaction holds all, and who erases died before that', async () => {
    const { world, reads } = await withAnn();
    await world.order(eraseOf(ANN.subject));
    await world.store.vault.destroy(await keysOf(world, ANN.subject));
    await expect(compared(world, reads)).rejects.toThrow(/commands wait to be carried out: ask again/);
  });

  it('is not refused for what was on its way when its person was erased, nor for who came again', async () => {
    const { world, reads } = await withAnn();
    const keys = await world.store.vault.keysFor([ANN.subject]);
    await erased(world, reads, ANN.subject);
    await taken(world, processor(world, lateContext(world, keys)), orderOf(2, ANN));
    await taken(world, processor(world), orderOf(3, ANN));
    await reads.settle();
    expect(await effectsOf(world)).toEqual([expect.any(String)]);
    expect((await compared(world, reads)).equal).toBe(true);
    world.store.documents.lose();
    await projector(world).settle();
  });
});
