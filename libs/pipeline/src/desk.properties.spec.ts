import { describe, expect, it, jest } from '@jest/globals';
import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { readCensus } from './census.js';
import { cases, patience } from './controls/cases.js';
import { countAnew } from './controls/count-anew.js';
import { call, DEVICE, EMAIL, MA, MB, one, PHONE, type Step, step, UA, UB } from './controls/desk-life.js';
import { identifierOf, type Named, openDesk } from './controls/desk.js';

type Desk = Awaited<ReturnType<typeof openDesk>>;

/** Orders and calls as they come; what an order is refused for is left at that. */
const carriedOut = async (desk: Desk, steps: readonly Step[]): Promise<void> => {
  for (const said of steps) {
    if (said.what === 'call') await desk.call(said.hour, said.named);
    else await ordered(desk, said);
  }
};

/** Who is one customer: each as its members, in order. */
const groupsAt = async (desk: Desk): Promise<string[]> =>
  (await desk.customers()).map(({ subjects }) => [...subjects].sort().join()).sort();

/** Documents of others that name somebody of these. */
const whoKnows = async (desk: Desk, erased: readonly SubjectId[]): Promise<string[]> => {
  const found: string[] = [];
  for (const kind of ['subject', 'activity', 'customer'] as const)
    for (const { key, body } of await desk.store.documents.scan(kind, '', 1_000))
      if (!erased.includes(key as SubjectId) && erased.some((id) => body.includes(id))) found.push(`${kind} ${key}`);
  return found;
};

const customerOf = (desk: Desk, named: Named[number]): Promise<CustomerId | undefined> =>
  desk.holder(...named).catch(() => undefined);

const ordered = async (desk: Desk, said: Exclude<Step, { what: 'call' }>): Promise<void> => {
  const customer = await customerOf(desk, said.who);
  const { subject } = identifierOf(...('other' in said ? said.other : said.who));
  const other = 'other' in said ? await customerOf(desk, said.other) : undefined;
  if (customer === undefined) return;
  if (said.what === 'merge' && other !== undefined) await desk.order({ type: 'merge', customer, other });
  if (said.what === 'unmerge') await desk.order({ type: 'unmerge', customer, subject });
  if (said.what !== 'erase') return;
  const outcome = await desk.order({ type: 'erase', customer });
  const erased = outcome.status === 'done' ? (outcome.receipt?.subjects ?? []) : [];
  expect(await whoKnows(desk, erased)).toEqual([]);
};

interface Unmerged {
  readonly desk: Desk;
  /** Where nobody ever merged the two. */
  readonly without: Desk;
  readonly two: readonly [SubjectId, SubjectId];
}

const RUNS = cases(100);
jest.setTimeout(patience(120_000));

describe('what is ordered, in any order and number', () => {
  it('leaves every projection equal to its rebuild, and who was erased in nobody’s documents', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 30 }), async (steps) => {
        const desk = await openDesk();
        await carriedOut(desk, steps);
        expect(await desk.isAsRebuilt()).toBe(true);
        const { customers, standing } = await readCensus(desk.store.documents);
        expect({ customers, standing }).toEqual(await countAnew(desk.store.documents));
      }),
      RUNS,
    );
  });

  it('parts by the very names again whom it merged by them, whoever gives the customer its name', async () => {
    const calls = fc.array(call, { minLength: 3, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(calls, one, one, fc.array(call, { maxLength: 4 }), async (first, who, whom, later) => {
        const [desk, without] = [await openDesk(), await openDesk()];
        for (const each of [desk, without]) await carriedOut(each, first);
        const [customer, other] = [await customerOf(desk, who), await customerOf(desk, whom)];
        fc.pre(customer !== undefined && other !== undefined && customer !== other);
        await desk.order({ type: 'merge', customer, other });
        for (const each of [desk, without]) await carriedOut(each, later);
        const [stays, subject] = [who, whom].map((named) => identifierOf(...named).subject) as [SubjectId, SubjectId];
        // Where what came later ties the two, they are kept apart all the same; where it parts them, nothing is to be done.
        fc.pre((await without.withSubject(stays))?.subjects.includes(subject) === false);
        fc.pre((await desk.withSubject(stays))?.subjects.includes(subject) === true);
        await desk.order({ type: 'unmerge', customer: customerNamedAfter(stays), subject });
        expect(await groupsAt(desk)).toEqual(await groupsAt(without));
      }),
      cases(60),
    );
  });

  /** Two are merged, more comes, and they are unmerged. `undefined`: there was nothing to compare. */
  const unmerged = async (
    steps: readonly Step[],
    who: Named[number],
    whom: Named[number],
    later: readonly Step[],
  ): Promise<Unmerged | undefined> => {
    const [desk, without] = [await openDesk(), await openDesk()];
    for (const each of [desk, without]) await carriedOut(each, steps);
    const [customer, other] = [await customerOf(desk, who), await customerOf(desk, whom)];
    if (customer === undefined || other === undefined || customer === other) return undefined;
    const members = (await desk.customers()).flatMap(({ id, subjects }) =>
      id === customer || id === other ? subjects : [],
    );
    await desk.order({ type: 'merge', customer, other });
    const merged = await desk.withSubject(namesakeOf(customer));
    expect(merged?.subjects).toEqual(expect.arrayContaining(members));
    for (const each of [desk, without]) await carriedOut(each, later);
    // Where what came later ties the two, the unmerge keeps them apart all the same.
    const [mine, theirs] = [namesakeOf(customer), namesakeOf(other)];
    const would = await without.withSubject(mine);
    if (would === undefined || would.subjects.includes(theirs)) return undefined;
    const now = await desk.withSubject(mine);
    if (now?.subjects.includes(theirs) !== true) return undefined;
    // Where it is called after neither by now, either may have come there by an earlier merge: who goes, then, is another question.
    const subject = [mine, theirs].find((id) => now.id !== customerNamedAfter(id));
    if (subject === undefined || [mine, theirs].every((id) => now.id !== customerNamedAfter(id))) return undefined;
    await desk.order({ type: 'unmerge', customer: now.id, subject });
    return { desk, without, two: [mine, theirs] };
  };

  it('makes one customer of two that are merged, and what would have become of them of its unmerge', async () => {
    const life = fc.array(step, { minLength: 3, maxLength: 20 });
    const few = fc.array(call, { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(life, one, one, few, few, async (steps, who, whom, later, since) => {
        const both = await unmerged(steps, who, whom, later);
        fc.pre(both !== undefined);
        const { desk, without, two } = both;
        expect(await groupsAt(desk)).toEqual(await groupsAt(without));
        for (const said of since) {
          for (const each of [desk, without]) await carriedOut(each, [said]);
          // Whatever ties the two from now on, they are kept apart.
          if ((await without.withSubject(two[0]))?.subjects.includes(two[1]) !== false) break;
          expect(await groupsAt(desk)).toEqual(await groupsAt(without));
        }
        expect(await desk.isAsRebuilt()).toBe(true);
      }),
      cases(60),
    );
  });

  it('also where somebody within them was parted before by hand, and evidence has come since', async () => {
    const calls = (hour: number, ...all: Named[number][]): Step => ({ what: 'call', hour, named: all });
    const both = await unmerged(
      [
        calls(0, UB, EMAIL),
        calls(1, UA, PHONE, DEVICE),
        calls(0, UB, DEVICE),
        { what: 'unmerge', who: EMAIL, other: DEVICE },
        calls(1, MB, UA, UB),
        calls(0, MA),
        { what: 'erase', who: MA },
      ],
      UB,
      PHONE,
      [calls(0, MA, UA)],
    );
    if (!both) throw new Error('there is nothing to compare');
    expect(await groupsAt(both.desk)).toEqual(await groupsAt(both.without));
  });
});
