import { expect, it, jest } from '@jest/globals';
import { parseCustomer } from '@tributary/domain';
import { type DocumentStore, type CustomerId, type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { cases, patience } from '../controls/cases.js';
import { callOf, identifierOf, openDesk } from '../controls/desk.js';
import { DEVICE, MA, MB, type Step, step, UA, UB } from '../controls/desk-life.js';
import { Driver } from './controls/driver.js';
import { compared } from './controls/fresh.js';
import { makeWorld } from './controls/world.js';

jest.setTimeout(patience(120_000));

/** By its name, whom each customer holds. */
const groupsIn = async (documents: DocumentStore): Promise<ReadonlyMap<CustomerId, readonly SubjectId[]>> =>
  new Map(
    (await documents.scan('customer', '', 1_000)).map(({ body }) => {
      const { id, subjects } = parseCustomer(body);
      return [id, [...subjects].sort()];
    }),
  );

/** What the desk over one store makes of a life, and the stages over engines that share nothing, of the same. */
const liveBoth = async (steps: readonly Step[]): Promise<void> => {
  const desk = await openDesk();
  const world = await makeWorld(1);
  const driver = new Driver(world, []);
  let called = 0;
  let said = 0;
  for (const one of steps) {
    const groups = await groupsIn(desk.store.documents);
    const holderOf = (named: Parameters<typeof identifierOf>): CustomerId | undefined =>
      [...groups].find(([, subjects]) => subjects.includes(identifierOf(...named).subject))?.[0];
    if (one.what === 'call') {
      await desk.call(one.hour, one.named);
      await world.accept([callOf(called++, one.hour, one.named)]);
    } else {
      const customer = holderOf([...one.who]);
      const other = 'other' in one ? holderOf([...one.other]) : customer;
      if (customer === undefined || other === undefined) continue;
      const order = {
        merge: { type: 'merge', customer, other } as const,
        unmerge: {
          type: 'unmerge',
          customer,
          subject: identifierOf(...('other' in one ? one.other : one.who)).subject,
        } as const,
        erase: { type: 'erase', customer } as const,
      }[one.what];
      await desk.order(order);
      world.clock.advance(1);
      await world.order({ ...order, id: `c${said++}` });
    }
    await driver.finish();
    expect(await groupsIn(world.store.documents)).toEqual(await groupsIn(desk.store.documents));
  }
  const projector = await driver.finish();
  const { projections } = await compared(world, projector);
  expect(projections.filter(({ equal }) => !equal)).toEqual([]);
};

it('what is said by hand comes to the same in stages as over one store, at each step', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 20 }), liveBoth), cases(15));
});

it('and so does an unmerge that leaves to evidence whom its merge had to tie', async () => {
  await liveBoth([
    { what: 'call', hour: 10, named: [UA] },
    { what: 'call', hour: 11, named: [UA, DEVICE] },
    { what: 'call', hour: 12, named: [UB, DEVICE] },
    { what: 'unmerge', who: UA, other: DEVICE },
    { what: 'call', hour: 20, named: [MA, UB] },
    { what: 'call', hour: 21, named: [MA, UA] },
    { what: 'merge', who: UA, other: UB },
    { what: 'call', hour: 15, named: [MB, UB] },
    { what: 'unmerge', who: UA, other: DEVICE },
    { what: 'merge', who: UA, other: UB },
  ]);
});
