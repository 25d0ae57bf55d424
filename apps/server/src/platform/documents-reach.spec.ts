import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { customerNamedAfter } from '@tributary/kernel';
import { type MadeTo } from '@tributary/pipeline';
import { bea, LoadingWorld, until } from '../testing/loading-world.js';

let world: LoadingWorld;
beforeEach(async () => (world = await LoadingWorld.open()));
afterEach(() => world.close());

const lose = () => world.store.documents.clear('customer');
const rebuild = async () => {
  world.written = 0;
  await world.hold(bea, [bea]);
};
const whole = (life: string): MadeTo => ({ life, position: world.told, whole: true });
const lost: MadeTo = { position: -1, whole: true };

/** Loads while documents fare as `looks` say, look by look; the last of them stays. Whoever looks has them fare so just then. */
const loadAs = async (...looks: readonly (() => Promise<MadeTo>)[]): Promise<() => number> => {
  let looked = 0;
  const madeTo = () => (looks[Math.min(looked++, looks.length - 1)] as () => Promise<MadeTo>)();
  await world.load(world.warehouse, { madeTo });
  return () => looked;
};

describe('profiles that are lost behind a message, before its rows are made', () => {
  beforeEach(async () => {
    await world.hold(bea, [bea]);
    await world.tell(bea, 'tributary.customer.created');
  });

  it.each([
    ['before they are read', async () => lost],
    [
      'while they are read',
      async () => {
        const before = whole('one');
        await lose();
        return before;
      },
    ],
  ])('make no rows, %s, until they are rebuilt', async (_, first) => {
    await lose();
    let isRebuilt = false;
    const looked = await loadAs(first, async () => (isRebuilt ? whole('two') : lost));
    await until(async () => looked() > 3);
    expect(await world.warehouse.query('SELECT 1 FROM customers')).toEqual([]);
    await rebuild();
    isRebuilt = true;
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });

  it('make none where they are rebuilt by the time the rows are made, either', async () => {
    await lose();
    await loadAs(
      async () => whole('one'),
      async () => {
        await rebuild();
        return whole('two');
      },
    );
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });

  it('are not taken for lost while a page of them is being made', async () => {
    await loadAs(async () => ({ life: 'one', position: world.told + 5, before: world.told, whole: false }));
    await world.idle();
    expect(await world.known()).toEqual([customerNamedAfter(bea)]);
  });
});
