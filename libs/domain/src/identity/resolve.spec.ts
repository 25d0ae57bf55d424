import { describe, expect, it } from '@jest/globals';
import { customerNamedAfter, SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { connects } from './connects.js';
import { resolve } from './resolve.js';
import {
  type Component,
  type Evidence,
  type IdentityNode,
  type IdentityRules,
  type ManualLink,
  type RefusedLink,
} from './types.js';

const subject = (n: number): SubjectId => SubjectId(`s_${n.toString(16).padStart(32, '0')}`);
const [ann, ben, annPhone, benPhone, tablet, kiosk] = [1, 2, 3, 4, 5, 6].map(subject) as [
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
];
const rules: IdentityRules = {
  version: 'identity-test',
  types: {
    member_no: { priority: 0, maxPerCustomer: 1, sharedAbove: 1 },
    phone: { priority: 1, maxPerCustomer: 2, sharedAbove: 1 },
    device: { priority: 2, maxPerCustomer: 3, sharedAbove: 2 },
  },
  blocked: new Set([subject(0)]),
};
const node = (subject: SubjectId, type: string, firstSeen = 0): IdentityNode => ({ subject, type, firstSeen });
const seen = (a: SubjectId, b: SubjectId, at: number): Evidence => ({ a, b, at, id: `t${at}` });
const said = (kind: ManualLink['kind'], a: SubjectId, b: SubjectId, at: number): ManualLink => ({
  kind,
  a,
  b,
  at,
  id: `m${at}`,
});
const people = (component: Component, by: IdentityRules = rules): readonly (readonly SubjectId[])[] =>
  resolve(component, by)
    .customers.map(({ subjects }) => subjects)
    .toSorted((x, y) => ((x[0] ?? '') < (y[0] ?? '') ? -1 : 1));

describe('who is one customer', () => {
  const household: Component = {
    nodes: [
      node(ann, 'member_no', 50),
      node(ben, 'member_no', 60),
      node(annPhone, 'phone', 10),
      node(benPhone, 'phone', 20),
      node(tablet, 'device', 30),
    ],
    evidence: [seen(ann, annPhone, 100), seen(ben, benPhone, 110), seen(ann, tablet, 120), seen(ben, tablet, 130)],
    manual: [],
  };

  it('joins what evidence ties together, and names the customer after the one first seen', () => {
    const { customers } = resolve({ ...household, evidence: [seen(ann, annPhone, 100)] }, rules);
    expect(customers.find(({ subjects }) => subjects.includes(ann))).toEqual({
      id: customerNamedAfter(annPhone),
      subjects: [ann, annPhone],
    });
  });

  it('gives a tablet of two members to the first, and says why the second did not get it', () => {
    const { customers, refused } = resolve(household, rules);
    expect(customers.map(({ subjects }) => subjects)).toEqual([
      [ann, annPhone, tablet],
      [ben, benPhone],
    ]);
    expect(refused).toEqual([{ ...seen(ben, tablet, 130), reason: 'too_many_of_type', type: 'member_no' }]);
  });

  it('decides again when earlier evidence arrives late', () => {
    expect(people({ ...household, evidence: [...household.evidence, seen(tablet, ben, 5)] })).toEqual([
      [ann, annPhone],
      [ben, benPhone, tablet],
    ]);
  });

  it('lets a manual merge outrank limits, and unmerge restore both sides', () => {
    const merged = { ...household, manual: [said('merge', ann, ben, 200)] };
    expect(people(merged)).toEqual([[ann, ben, annPhone, benPhone, tablet]]);
    const unmerged = { ...merged, manual: [...merged.manual, said('keep_apart', ben, ann, 300)] };
    expect(people(unmerged)).toEqual(people(household));
  });

  it('unmerges exactly what came after the merge, too', () => {
    const after = [...household.evidence, seen(ben, subject(9), 250)];
    const nodes = [...household.nodes, node(subject(9), 'device', 250)];
    const manual = [said('merge', ann, ben, 200), said('keep_apart', ann, ben, 300)];
    expect(people({ nodes, evidence: after, manual })).toEqual([
      [ann, annPhone, tablet],
      [ben, benPhone, subject(9)],
    ]);
  });

  it('takes the newest word on a pair, whatever the order of its ends', () => {
    const manual = [said('keep_apart', ann, annPhone, 300), said('merge', annPhone, ann, 400)];
    expect(people({ ...household, manual })[0]).toContain(annPhone);
    const { refused } = resolve({ ...household, manual: manual.slice(0, 1) }, rules);
    expect(refused[0]).toEqual({ ...seen(ann, annPhone, 100), reason: 'kept_apart', type: null });
  });

  it('keeps a pair apart even on the way over a third', () => {
    const manual = [said('merge', ann, tablet, 1), said('merge', tablet, ben, 2), said('keep_apart', ann, ben, 3)];
    const { customers, refused } = resolve({ ...household, evidence: [], manual }, rules);
    expect(customers.find(({ subjects }) => subjects.includes(tablet))?.subjects).toEqual([ann, tablet]);
    expect(refused).toEqual([{ a: tablet, b: ben, at: 2, id: 'm2', reason: 'kept_apart', type: null }]);
  });

  it('takes no device for shared that was seen with each identifier of one person', () => {
    const [phone, other] = [annPhone, benPhone];
    const component: Component = {
      nodes: [node(ann, 'member_no'), node(phone, 'phone'), node(other, 'phone'), node(tablet, 'device')],
      evidence: [seen(ann, tablet, 1), seen(phone, tablet, 2), seen(other, tablet, 3)],
      manual: [],
    };
    expect(people(component)).toEqual([[ann, phone, other, tablet]]);
  });

  it('lets a shared device join nobody, even those who were there first', () => {
    const visitors = [10, 11, 12].map(subject);
    const { customers, refused } = resolve(
      {
        nodes: [node(kiosk, 'device'), ...visitors.map((visitor) => node(visitor, 'phone'))],
        evidence: visitors.map((visitor, i) => seen(visitor, kiosk, i)),
        manual: [],
      },
      rules,
    );
    expect(customers).toHaveLength(4);
    expect(refused.map(({ reason, type }) => `${reason} ${type}`)).toEqual(Array(3).fill('shared_identifier device'));
  });

  it('lets a blocked identifier, and one of a type without a rule, join nobody', () => {
    const nobody = subject(0);
    const { customers, refused } = resolve(
      {
        nodes: [node(ann, 'member_no'), node(nobody, 'phone'), node(kiosk, 'fax')],
        evidence: [seen(ann, nobody, 1), seen(ann, kiosk, 2)],
        manual: [],
      },
      rules,
    );
    expect(customers).toHaveLength(3);
    expect(refused.map(({ reason, type }) => `${reason} ${type}`)).toEqual([
      'blocked_identifier phone',
      'blocked_identifier fax',
    ]);
  });

  it('refuses a component that does not hold the ends of its links', () => {
    expect(() => resolve({ nodes: [], evidence: [seen(ann, ben, 1)], manual: [] }, rules)).toThrow(RangeError);
  });
});

describe('properties of identity', () => {
  const universe = 14;
  const typeOf = (n: number): string => ['member_no', 'phone', 'phone', 'device', 'device', 'fax'][n % 6] as string;
  const ends = fc.tuple(fc.nat(universe - 1), fc.nat(universe - 1));
  const evidenceOf = (offset: number): fc.Arbitrary<readonly Evidence[]> =>
    fc.array(
      fc.record({ ends, at: fc.nat(20), id: fc.nat(3) }).map(({ ends: [a, b], at, id }) => ({
        a: subject(a + offset),
        b: subject(b + offset),
        at,
        id: `t${id}`,
      })),
      { maxLength: 30 },
    );
  const manualOf = (offset: number): fc.Arbitrary<readonly ManualLink[]> =>
    fc
      .array(
        fc.record({
          kind: fc.constantFrom('merge' as const, 'keep_apart' as const),
          ends,
          at: fc.nat(20),
          id: fc.nat(9),
        }),
        { maxLength: 6 },
      )
      .map((words) =>
        words.map(({ kind, ends: [a, b], at, id }) => ({
          kind,
          a: subject(a + offset),
          b: subject(b + offset),
          at,
          id: `m${id}`,
        })),
      );
  const componentOf = (offset: number): fc.Arbitrary<Component> =>
    fc.record({
      nodes: fc
        .array(fc.nat(5), { minLength: universe, maxLength: universe })
        .map((times) => times.map((at, n) => node(subject(n + offset), typeOf(n), at))),
      evidence: evidenceOf(offset),
      manual: manualOf(offset),
    });
  const component = componentOf(0);
  const together = (c: Component, a: SubjectId, b: SubjectId): boolean =>
    people(c).some((subjects) => subjects.includes(a) && subjects.includes(b));
  const runs = { numRuns: 500 };

  it('is what a slow and simple reading of the rules gives', () => {
    fc.assert(
      fc.property(component, (c) => expect(resolve(c, rules)).toEqual(naively(c, rules))),
      { numRuns: 1000 },
    );
  });

  it('does not depend on order or repetition', () => {
    const shuffled = component.chain((c) =>
      fc.record({
        c: fc.constant(c),
        nodes: reordered(c.nodes),
        evidence: reordered(c.evidence),
        manual: reordered(c.manual),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ c, ...again }) => expect(resolve(again, rules)).toEqual(resolve(c, rules))),
      runs,
    );
  });

  it('does not depend on unrelated people', () => {
    fc.assert(
      fc.property(component, componentOf(universe), (c, other) => {
        const both = resolve(
          {
            nodes: [...other.nodes, ...c.nodes],
            evidence: [...c.evidence, ...other.evidence],
            manual: [...other.manual, ...c.manual],
          },
          rules,
        );
        const mine = new Set(c.nodes.map(({ subject }) => subject));
        expect({
          customers: both.customers.filter(({ subjects }) => subjects.some((s) => mine.has(s))),
          refused: both.refused.filter(({ a }) => mine.has(a)),
        }).toEqual(resolve(c, rules));
      }),
      runs,
    );
  });

  it('unmerges exactly, also what arrived in between', () => {
    fc.assert(
      fc.property(component, ends, evidenceOf(0), (c, [x, y], inBetween) => {
        const [a, b] = [subject(x), subject(y)];
        const later = { ...c, evidence: [...c.evidence, ...inBetween] };
        fc.pre(a !== b && !together(later, a, b));
        const undone = { ...later, manual: [...c.manual, said('merge', a, b, 100), said('keep_apart', a, b, 101)] };
        expect(resolve(undone, rules).customers).toEqual(resolve(later, rules).customers);
      }),
      runs,
    );
  });

  it('never exceeds a limit but by manual merges, never joins a pair kept apart, nor by muted identifiers', () => {
    fc.assert(
      fc.property(component, (c) => {
        const { customers, refused } = resolve({ ...c, manual: [] }, rules);
        const types = new Map(c.nodes.map(({ subject, type }) => [subject, type]));
        for (const { subjects } of customers) {
          for (const [type, { maxPerCustomer }] of Object.entries(rules.types)) {
            expect(subjects.filter((s) => types.get(s) === type).length).toBeLessThanOrEqual(maxPerCustomer);
          }
        }
        const muted = refused.filter(({ reason }) => reason.endsWith('_identifier'));
        for (const { a, b, reason, type } of muted) {
          const alone = [a, b].filter((end) =>
            customers.some(({ subjects }) => subjects.length === 1 && subjects[0] === end),
          );
          expect(alone.map((end) => types.get(end))).toContain(type);
          expect(reason).not.toBe('too_many_of_type');
        }
        const newest = naiveNewest(c.manual).filter(({ kind }) => kind === 'keep_apart');
        for (const { a, b } of newest) expect(together(c, a, b)).toBe(false);
      }),
      runs,
    );
  });

  it('gives the same customers when the walk stops at identifiers that connect nothing', () => {
    fc.assert(
      fc.property(component, fc.nat(universe - 1), (c, start) => {
        const mute = new Set(
          c.nodes.filter((n) => !connects(n.subject, n.type, naiveStronger(n, c, rules), rules)).map((n) => n.subject),
        );
        const near = new Set([subject(start)]);
        for (const from of near) {
          const links = mute.has(from) && from !== subject(start) ? c.manual : [...c.evidence, ...c.manual];
          for (const { a, b } of links)
            if (a === from) near.add(b);
            else if (b === from) near.add(a);
        }
        const inside = ({ a, b }: { a: SubjectId; b: SubjectId }): boolean => near.has(a) && near.has(b);
        const piece = {
          nodes: c.nodes.filter(({ subject }) => near.has(subject)),
          evidence: c.evidence.filter(inside),
          manual: c.manual.filter(inside),
        };
        const mine = ({ subjects }: { subjects: readonly SubjectId[] }): boolean => subjects.includes(subject(start));
        expect(resolve(piece, rules, mute).customers.find(mine)).toEqual(resolve(c, rules).customers.find(mine));
      }),
      runs,
    );
  });
});

/** The same set, otherwise told: another order, some of it twice. */
const reordered = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
  fc
    .tuple(fc.shuffledSubarray([...items], { minLength: items.length }), fc.subarray([...items]))
    .map(([all, some]) => [...all, ...some]);

const order = (x: Evidence, y: Evidence): number => x.at - y.at || text(x.id, y.id) || text(x.a, y.a) || text(x.b, y.b);
const text = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);
const samePair = (x: Evidence, y: Evidence): boolean => (x.a === y.a && x.b === y.b) || (x.a === y.b && x.b === y.a);

const naivePairs = (evidence: readonly Evidence[]): Evidence[] => {
  const pairs: Evidence[] = [];
  for (const link of [...evidence].sort(order)) {
    if (link.a !== link.b && !pairs.some((other) => samePair(link, other))) pairs.push(link);
  }
  return pairs;
};
const naiveNewest = (manual: readonly ManualLink[]): ManualLink[] => {
  const newest: ManualLink[] = [];
  const newerFirst = (x: ManualLink, y: ManualLink): number =>
    y.at - x.at || text(y.id, x.id) || text(x.kind, y.kind) || text(x.a, y.a) || text(x.b, y.b);
  for (const word of [...manual].sort(newerFirst)) {
    if (word.a !== word.b && !newest.some((other) => samePair(word, other))) newest.unshift(word);
  }
  return newest;
};
const naiveStronger = (of: IdentityNode, c: Component, by: IdentityRules): number => {
  const stronger = naivePairs(c.evidence).flatMap(({ a, b }) => {
    if (a !== of.subject && b !== of.subject) return [];
    const other = c.nodes.find(({ subject }) => subject === (a === of.subject ? b : a)) as IdentityNode;
    const strength = by.types[other.type]?.priority ?? 99;
    return !by.blocked.has(other.subject) && strength < (by.types[of.type]?.priority ?? 99) ? [other.type] : [];
  });
  return Math.max(0, ...Object.keys(by.types).map((type) => stronger.filter((one) => one === type).length));
};

/** The rules as they are told, with no thought for speed. */
const naively = (c: Component, by: IdentityRules): ReturnType<typeof resolve> => {
  const nodes = [...c.nodes].sort((x, y) => text(x.subject, y.subject));
  const typeOf = (of: SubjectId): string => nodes.find(({ subject }) => subject === of)?.type ?? '';
  const muteReason = (of: SubjectId): RefusedLink['reason'] | null => {
    const its = nodes.find(({ subject }) => subject === of) as IdentityNode;
    if (by.blocked.has(of) || !by.types[its.type]) return 'blocked_identifier';
    return naiveStronger(its, c, by) > (by.types[its.type]?.sharedAbove ?? 0) ? 'shared_identifier' : null;
  };
  let sets = nodes.map(({ subject }) => [subject]);
  let evidenced = nodes.map(({ subject }) => [subject]);
  const refused: RefusedLink[] = [];
  const words = naiveNewest(c.manual);
  const setOf = (all: SubjectId[][], of: SubjectId): SubjectId[] => all.find((set) => set.includes(of)) as SubjectId[];
  const parted = (union: SubjectId[]): boolean =>
    words.some((w) => w.kind === 'keep_apart' && union.includes(w.a) && union.includes(w.b));
  const joined = (all: SubjectId[][], one: SubjectId[], two: SubjectId[]): SubjectId[][] => [
    ...all.filter((set) => set !== one && set !== two),
    [...one, ...two],
  ];
  const link = ({ a, b, at, id }: Evidence, limits: boolean): void => {
    const [one, two] = [setOf(sets, a), setOf(sets, b)];
    const [mine, theirs] = [setOf(evidenced, a), setOf(evidenced, b)];
    if (one === undefined || two === undefined) return;
    const tooMany = Object.entries(by.types)
      .filter(([type, { maxPerCustomer }]) => {
        const count = (set: SubjectId[]): number => set.filter((s) => typeOf(s) === type).length;
        return (
          limits &&
          mine !== theirs &&
          count(mine) > 0 &&
          count(theirs) > 0 &&
          count(mine) + count(theirs) > maxPerCustomer
        );
      })
      .sort(([, x], [, y]) => x.priority - y.priority)[0];
    if (one !== two && parted([...one, ...two]))
      return void refused.push({ a, b, at, id, reason: 'kept_apart', type: null });
    if (one !== two && tooMany)
      return void refused.push({ a, b, at, id, reason: 'too_many_of_type', type: tooMany[0] });
    if (limits && mine !== theirs && !tooMany && !parted([...mine, ...theirs]))
      evidenced = joined(evidenced, mine, theirs);
    if (one !== two) sets = joined(sets, one, two);
  };
  for (const word of words) if (word.kind === 'merge') link(word, false);
  for (const pair of naivePairs(c.evidence)) {
    const reasons = [pair.a, pair.b].map((end) => ({ reason: muteReason(end), type: typeOf(end) }));
    const worst =
      reasons.find(({ reason }) => reason === 'blocked_identifier') ?? reasons.find(({ reason }) => reason !== null);
    if (worst?.reason) refused.push({ ...pair, reason: worst.reason, type: worst.type });
    else link(pair, true);
  }
  const first = (set: SubjectId[]): SubjectId =>
    nodes.filter(({ subject }) => set.includes(subject)).reduce((x, y) => (y.firstSeen < x.firstSeen ? y : x)).subject;
  return {
    customers: sets
      .map((set) => ({ id: customerNamedAfter(first(set)), subjects: [...set].sort(text) }))
      .sort((x, y) => text(x.id, y.id)),
    refused: refused.sort(order),
  };
};
