import { describe, expect, it } from '@jest/globals';
import { type SubjectId } from '@tributary/kernel';
import { type Faults } from '@tributary/kernel/memory';
import { ANN, BEN, orderOf } from '../controls/orders.js';
import { compared, processor, projector } from '../stages/controls/fresh.js';
import { AT, taken } from '../stages/controls/handed.js';
import { customersOf, effectsOf } from '../stages/controls/world.js';
import { type Projector } from '../stages/projector.js';
import { repair } from '../verify.js';
import { erased, keysOf, withBackup } from './controls/set-back.js';

const CAT = { type: 'member_no', value: 'M3', subject: `s_${'c'.repeat(32)}` as SubjectId };

const lacks = expect.objectContaining({
  engine: 'keys',
  failure: 'retriable',
  message: expect.stringMatching(
    /lacks the keys of 1 subjects or more, from position \d+ .*TRIBUTARY_KEYS_LOST_TO=\d+/,
  ),
});

describe('a vault that was set back to an older state, which lacks keys', () => {
  it('is refused by who reads events that were sealed since, until the newer is back', async () => {
    const { world, reads, setBack, newest } = await withBackup(false);
    const before = reads.position;
    setBack();
    for (const each of [reads, projector(world)]) await expect(each.advance()).rejects.toEqual(lacks);
    expect(reads.position).toBe(before);
    newest();
    const after = projector(world);
    await after.settle();
    expect(await customersOf(world.store)).toHaveLength(2);
    expect((await compared(world, after)).equal).toBe(true);
  });

  it('is refused also where all of them were read before: by who begins, who runs, and who takes more', async () => {
    const { world, takes, reads, setBack, newest } = await withBackup(true);
    const running = projector(world);
    const { done } = running.start();
    while (running.position < reads.position) await new Promise((resolve) => setTimeout(resolve, 5));
    const head = await world.store.events.head();
    setBack();
    await expect(done).rejects.toEqual(lacks);
    await running.stop();
    await expect(projector(world).advance()).rejects.toEqual(lacks);
    await expect(processor(world).startAt(AT)).rejects.toEqual(lacks);
    await expect(taken(world, takes, orderOf(3, BEN))).rejects.toEqual(lacks);
    // Nothing is written, and nobody has a new key.
    expect(await world.store.events.head()).toBe(head);
    expect(await keysOf(world, BEN.subject)).toEqual([]);
    newest();
    const [record] = await world.store.log.read(AT, 2, 1);
    await processor(world).onBatch({ ...AT, records: record ? [record] : [], end: 3 });
    const after = projector(world);
    await after.settle();
    expect(await effectsOf(world)).toHaveLength(3);
    expect((await compared(world, after)).equal).toBe(true);
  });

  it('keeps a rebuild from dropping anybody, and verify says which it is', async () => {
    const { world, reads, setBack } = await withBackup(true);
    setBack();
    const still: Pick<Projector, 'still'> = { still: (work) => work() };
    await expect(compared(world, still)).rejects.toEqual(lacks);
    await expect(compared(world, still, repair)).rejects.toEqual(lacks);
    expect(await customersOf(world.store)).toHaveLength(2);
    world.store.documents.lose();
    await expect(projector(world).settle()).rejects.toEqual(lacks);
    expect(reads.position).toBeGreaterThan(0);
  });

  it('is taken as it is once that is said for good', async () => {
    const { world, setBack } = await withBackup(true);
    setBack();
    const context = { ...world.context(), keysLostTo: await world.store.events.head() };
    const after = projector(world, context);
    await after.settle();
    await taken(world, processor(world, context), orderOf(3, BEN));
    await after.settle();
    // Of what was sealed since then nothing may be missing.
    world.store.documents.lose();
    await projector(world, context).settle();
    const setBackAgain = world.store.vault.backup();
    await taken(world, processor(world, context), orderOf(4, CAT));
    await projector(world, context).settle();
    setBackAgain();
    await expect(projector(world, context).settle()).rejects.toEqual(lacks);
  });

  it('goes on where nothing but the mark was lost', async () => {
    const { world, takes, reads, setBack } = await withBackup(false);
    await taken(world, takes, orderOf(3, ANN), orderOf(4));
    await reads.settle();
    const restored = world.store.vault.backup();
    await taken(world, takes, orderOf(5, ANN));
    await reads.settle();
    restored();
    await taken(world, takes, orderOf(6, ANN));
    restored();
    await reads.settle();
    await projector(world).settle();
    expect(await world.store.vault.markedTo()).toBe(await world.store.events.head());
    setBack();
    await expect(reads.advance()).resolves.toBe(0);
    await expect(projector(world).advance()).rejects.toMatchObject({ engine: 'keys' });
  });

  it('is refused where it is set back once more while it is held against the events', async () => {
    const { world, takes, reads, setBack, newest } = await withBackup(true);
    await taken(world, takes, orderOf(3, ANN));
    await reads.settle();
    newest();
    const faults: Faults = {
      at: (step) => {
        if (step === 'events.readAll') setBack();
        return 'none';
      },
    };
    await expect(projector(world, world.context(faults)).advance()).rejects.toEqual(lacks);
  });

  it('is not called the older one where the events may be, of which erasures are gone', async () => {
    const { world, takes } = await withBackup(true);
    await world.store.vault.destroy(await keysOf(world, ANN.subject));
    world.store.documents.lose();
    const head = await world.store.events.head();
    await expect(projector(world).settle()).rejects.toThrow(/or they are older than their erasures/);
    const known = projector(world, { ...world.context(), keysLostTo: head });
    await known.settle();
    await taken(world, takes, orderOf(3, ANN));
    await erased(world, known, ANN.subject);
    expect((await compared(world, known)).equal).toBe(true);
  });

  it('is known by what nobody has said, too', async () => {
    const { world, takes, reads, setBack } = await withBackup(true);
    await taken(world, takes, orderOf(3));
    await reads.settle();
    setBack();
    await expect(projector(world).settle()).rejects.toMatchObject({ engine: 'keys' });
  });
});
