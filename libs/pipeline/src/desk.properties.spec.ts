import { describe, expect, it, jest } from '@jest/globals';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { cases, patience } from './controls/cases.js';
import { identifierOf, type Named, openDesk } from './controls/desk.js';

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Few identifiers, so that they meet often: of two persons and of what they share. */
const known: Named = [
  ['member_no', 'MA'],
  ['member_no', 'MB'],
  ['user_id', 'u-a'],
  ['phone', '+8613900138777'],
  ['email', 'a@example.com'],
  ['device', 'd-a'],
];
const one = fc.constantFrom(...known);
const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('call' as const),
      hour: fc.integer({ min: 0, max: 900 }),
      named: fc.subarray([...known], { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ what: fc.constantFrom('merge', 'unmerge'), who: one, other: one }) },
  { weight: 1, arbitrary: fc.record({ what: fc.constant('erase' as const), who: one }) },
);

/** Documents of others that name somebody of these. */
const whoKnows = async (desk: Desk, erased: readonly SubjectId[]): Promise<string[]> => {
  const found: string[] = [];
  for (const kind of ['subject', 'activity', 'customer'] as const)
    for (const { key, body } of await desk.store.documents.scan(kind, '', 1_000))
      if (!erased.includes(key as SubjectId) && erased.some((id) => body.includes(id))) found.push(`${kind} ${key}`);
  return found;
};

const RUNS = cases(100);
jest.setTimeout(patience(120_000));

describe('what is ordered, in any order and number', () => {
  it('leaves every projection equal to its rebuild, and who was erased in nobody’s documents', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
        const desk = await openDesk();
        const customerOf = async (named: Named[number]): Promise<CustomerId | undefined> =>
          desk.holder(...named).catch(() => undefined);
        for (const said of steps) {
          if (said.what === 'call') await desk.call(said.hour, said.named);
          else {
            const customer = await customerOf(said.who);
            const { subject } = identifierOf(...('other' in said ? said.other : said.who));
            const other = 'other' in said ? await customerOf(said.other) : undefined;
            if (customer === undefined) continue;
            if (said.what === 'merge' && other !== undefined) await desk.order({ type: 'merge', customer, other });
            if (said.what === 'unmerge') await desk.order({ type: 'unmerge', customer, subject });
            if (said.what === 'erase') {
              const outcome = await desk.order({ type: 'erase', customer });
              const erased = outcome.status === 'done' ? (outcome.receipt?.subjects ?? []) : [];
              expect(await whoKnows(desk, erased)).toEqual([]);
            }
          }
        }
        expect(await desk.isAsRebuilt()).toBe(true);
      }),
      RUNS,
    );
  });
});
