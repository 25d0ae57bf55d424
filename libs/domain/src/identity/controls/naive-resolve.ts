import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type resolve } from '../resolve.js';
import {
  type Component,
  type Evidence,
  type IdentityNode,
  type IdentityRules,
  type ManualLink,
  type RefusedLink,
} from '../types.js';

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
export const naiveNewest = (manual: readonly ManualLink[]): ManualLink[] => {
  const newest: ManualLink[] = [];
  const newerFirst = (x: ManualLink, y: ManualLink): number =>
    y.at - x.at || text(y.id, x.id) || text(x.kind, y.kind) || text(x.a, y.a) || text(x.b, y.b);
  for (const word of [...manual].sort(newerFirst)) {
    if (word.a !== word.b && !newest.some((other) => samePair(word, other))) newest.unshift(word);
  }
  return newest;
};
export const naiveStronger = (of: IdentityNode, c: Component, by: IdentityRules): number => {
  const stronger = naivePairs(c.evidence).flatMap(({ a, b }) => {
    if (a !== of.subject && b !== of.subject) return [];
    const other = c.nodes.find(({ subject }) => subject === (a === of.subject ? b : a)) as IdentityNode;
    const strength = by.types[other.type]?.priority ?? 99;
    return !by.blocked.has(other.subject) && strength < (by.types[of.type]?.priority ?? 99) ? [other.type] : [];
  });
  return Math.max(0, ...Object.keys(by.types).map((type) => stronger.filter((one) => one === type).length));
};

/** The rules as they are told, with no thought for speed. */
export const naively = (c: Component, by: IdentityRules): ReturnType<typeof resolve> => {
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
