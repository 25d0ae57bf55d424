import { describe, expect, it } from '@jest/globals';
import { type SubjectId } from '@tributary/kernel';
import fc from 'fast-check';
import { connects } from './connects.js';
import { naively, naiveNewest, naiveStronger } from './controls/naive-resolve.js';
import { node, people, rules, said, subject } from './controls/components.js';
import { resolve } from './resolve.js';
import { type Component, type Evidence, type ManualLink } from './types.js';

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
          kind: fc.constantFrom('merge' as const, 'keep_apart' as const, 'withdraw' as const),
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

  it('is, of what was withdrawn, as if nothing had been said of the pair', () => {
    fc.assert(
      fc.property(component, fc.array(ends, { maxLength: 4 }), (c, pairs) => {
        const named = pairs.map(([x, y]): readonly [SubjectId, SubjectId] => [subject(x), subject(y)]);
        const isOf = (word: ManualLink): boolean =>
          named.some(([a, b]) => (word.a === a && word.b === b) || (word.a === b && word.b === a));
        const withdrawn = named.map(([a, b]) => said('withdraw', b, a, 100));
        const unsaid = c.manual.filter((word) => !isOf(word));
        expect(resolve({ ...c, manual: [...c.manual, ...withdrawn] }, rules)).toEqual(
          resolve({ ...c, manual: unsaid }, rules),
        );
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
