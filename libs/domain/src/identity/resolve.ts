import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { isBlocked, isShared } from './connects.js';
import { ConstrainedPartition, type Obstacle } from './constrained-partition.js';
import { counters } from './counters.js';
import {
  type Component,
  type Evidence,
  type IdentityNode,
  type IdentityRules,
  type ManualLink,
  type RefusedLink,
  type Resolution,
  type ResolvedCustomer,
} from './types.js';

const nobody: ReadonlySet<SubjectId> = new Set();

/**
 * Who is one customer: a pure function of the *set* of evidence, manual decisions and rules. The order and repetition
 * of its inputs change nothing.
 *
 * 1. Evidence on one unordered pair counts once, as its earliest by (`at`, `id`). Evidence of an identifier that is
 *    blocked, or shared (tied to more than `sharedAbove` distinct, unblocked subjects of one stronger type), is refused.
 * 2. Of the manual decisions on a pair the newest holds; one that withdraws leaves the pair to evidence. Pairs kept apart are
 *    never in one customer.
 * 3. Manual merges join first, oldest first; they outrank limits and blocks, but not a pair kept apart (such a merge
 *    is among the refused).
 * 4. Evidence joins next, oldest first, unless it would bring a kept-apart pair together or let what evidence alone has
 *    joined hold more of a type than `maxPerCustomer`; of several such types the strongest is named.
 *
 * Why unmerge is exact: nothing was ever copied or consumed by a merge. `keep_apart` on the pair takes the merge out
 * of the set (2), and what is left decides as if it had never been said. The new constraint changes nothing further
 * where the two were apart without the merge: joining is monotone, so those that end apart were never together on
 * the way. Evidence that arrived between merge and unmerge is in the set like any other, so it ends where it would
 * have ended had nobody merged; what would tie the two themselves together is refused as `kept_apart`. What a merge said
 * beside that of the two is withdrawn: evidence may tie such a pair within one of them by now, or later.
 *
 * O(n log n) in nodes and links. Throws `RangeError` if a link names a subject that is not among the nodes.
 *
 * @param sharedElsewhere subjects known to be shared by evidence outside of this component; see `connects`
 */
export const resolve = (
  component: Component,
  rules: IdentityRules,
  sharedElsewhere: ReadonlySet<SubjectId> = nobody,
): Resolution => {
  const nodes = distinct(component.nodes);
  if (nodes.length === 1 && component.manual.length === 0 && component.evidence.length === 0) {
    const only = nodes[0] as IdentityNode;
    return { customers: [{ id: customerNamedAfter(only.subject), subjects: [only.subject] }], refused: [] };
  }
  const indexOf = new Map<SubjectId, number>();
  nodes.forEach((node, index) => indexOf.set(node.subject, index));
  const links = earliestOfEachPair(component.evidence, indexOf);
  const words = newestOfEachPair(component.manual, indexOf);

  const { types, indexOfType, limits } = rankedTypes(rules);
  const typeOf = nodes.map((node) => indexOfType.get(node.type) ?? -1);
  const partition = new ConstrainedPartition(typeOf, limits);
  /** What evidence alone has joined: limits count here, so that a merge by hand takes nothing from what either side holds. */
  const evidenced = new ConstrainedPartition(typeOf, limits);
  const refused: RefusedLink[] = [];
  const refuse = (link: Evidence, obstacle: Obstacle | null): void => {
    if (obstacle === null) return;
    if (obstacle === 'kept_apart') refused.push(refusal(link, 'kept_apart', null));
    else refused.push(refusal(link, 'too_many_of_type', types[obstacle] as string));
  };

  for (const { link, a, b } of words) {
    if (link.kind !== 'keep_apart') continue;
    partition.keepApart(a, b);
    evidenced.keepApart(a, b);
  }
  for (const { link, a, b } of words) if (link.kind === 'merge') refuse(link, partition.join(a, b, 'outranked'));
  const mute = muted(nodes, typeOf, types.length, links, rules, sharedElsewhere);
  for (const { link, a, b } of links) {
    const muteEnd = mute[a] === 'blocked_identifier' ? a : mute[b] === 'blocked_identifier' ? b : mute[a] ? a : b;
    const reason = mute[muteEnd];
    if (reason) refused.push(refusal(link, reason, (nodes[muteEnd] as IdentityNode).type));
    else if (partition.together(a, b)) evidenced.join(a, b, 'respected');
    else if (partition.apart(a, b)) refuse(link, 'kept_apart');
    else refuse(link, evidenced.join(a, b, 'respected') ?? partition.join(a, b, 'outranked'));
  }
  return { customers: customersOf(nodes, partition), refused: refused.sort(byTime) };
};

/** A link whose ends are nodes, by index. */
interface Indexed<L> {
  readonly link: L;
  readonly a: number;
  readonly b: number;
}

/** Sorted by subject; of one subject told twice, the earlier sighting. */
const distinct = (nodes: readonly IdentityNode[]): readonly IdentityNode[] => {
  const sorted = [...nodes].sort((x, y) => compare(x.subject, y.subject) || x.firstSeen - y.firstSeen);
  return sorted.filter((node, i) => node.subject !== sorted[i - 1]?.subject);
};

const earliestOfEachPair = (
  evidence: readonly Evidence[],
  indexOf: ReadonlyMap<SubjectId, number>,
): readonly Indexed<Evidence>[] => firstOfEachPair([...evidence].sort(byTime), indexOf);

/** Oldest first. On the same instant and id, which no two commands have, keeping apart is the safer reading. */
const newestOfEachPair = (
  manual: readonly ManualLink[],
  indexOf: ReadonlyMap<SubjectId, number>,
): readonly Indexed<ManualLink>[] =>
  manual.length === 0
    ? []
    : firstOfEachPair(
        [...manual].sort((x, y) => y.at - x.at || compare(y.id, x.id) || compare(x.kind, y.kind) || byTime(x, y)),
        indexOf,
      ).toReversed();

const firstOfEachPair = <L extends Evidence | ManualLink>(
  sorted: readonly L[],
  indexOf: ReadonlyMap<SubjectId, number>,
): readonly Indexed<L>[] => {
  const seen = new Set<number>();
  const firsts: Indexed<L>[] = [];
  for (const link of sorted) {
    if (link.a === link.b) continue;
    const a = indexOf.get(link.a);
    const b = indexOf.get(link.b);
    if (a === undefined || b === undefined) throw new RangeError('a link names a subject that is not in its component');
    const pair = a < b ? a * indexOf.size + b : b * indexOf.size + a;
    if (seen.has(pair)) continue;
    seen.add(pair);
    firsts.push({ link, a, b });
  }
  return firsts;
};

type Muted = 'blocked_identifier' | 'shared_identifier' | undefined;

/** Which nodes connect nothing, and why. `typeOf`: index of each node's type among so many; -1: of none that the rules know. */
const muted = (
  nodes: readonly IdentityNode[],
  typeOf: readonly number[],
  types: number,
  links: readonly Indexed<Evidence>[],
  rules: IdentityRules,
  sharedElsewhere: ReadonlySet<SubjectId>,
): readonly Muted[] => {
  const reasons: Muted[] = nodes.map((node) =>
    isBlocked(node.subject, node.type, rules) ? 'blocked_identifier' : undefined,
  );
  const priorities = nodes.map((node) => priority(node.type, rules));
  /** `node * types + type`: others of that stronger type. */
  const stronger = counters(nodes.length * types);
  const most = nodes.map(() => 0);
  const note = (node: number, other: number): void => {
    if (reasons[other]) return;
    const at = node * types + (typeOf[other] as number);
    most[node] = Math.max(most[node] as number, (stronger[at] = (stronger[at] as number) + 1));
  };
  for (const { a, b } of links) {
    const difference = (priorities[a] as number) - (priorities[b] as number);
    if (difference < 0) note(b, a);
    if (difference > 0) note(a, b);
  }
  return nodes.map(
    (node, i) =>
      reasons[i] ??
      (sharedElsewhere.has(node.subject) || isShared(node.type, most[i] as number, rules)
        ? 'shared_identifier'
        : undefined),
  );
};

const customersOf = (nodes: readonly IdentityNode[], partition: ConstrainedPartition): readonly ResolvedCustomer[] => {
  const groups = new Map<number, { namesake: IdentityNode; readonly subjects: SubjectId[] }>();
  nodes.forEach((node, index) => {
    const root = partition.find(index);
    const group = groups.get(root);
    if (group === undefined) groups.set(root, { namesake: node, subjects: [node.subject] });
    else {
      group.subjects.push(node.subject);
      // Nodes come in the order of their subjects, so on a tie the smaller one already bears the name.
      if (node.firstSeen < group.namesake.firstSeen) group.namesake = node;
    }
  });
  return [...groups.values()]
    .map(({ namesake, subjects }) => ({ id: customerNamedAfter(namesake.subject), subjects }))
    .sort((x, y) => compare(x.id, y.id));
};

const refusal = (link: Evidence, reason: RefusedLink['reason'], type: string | null): RefusedLink => ({
  a: link.a,
  b: link.b,
  at: link.at,
  id: link.id,
  reason,
  type,
});

interface RankedTypes {
  /** The strongest first. */
  readonly types: readonly string[];
  readonly indexOfType: ReadonlyMap<string, number>;
  /** How many one customer may have of each. */
  readonly limits: readonly number[];
}

const ranked = new WeakMap<IdentityRules, RankedTypes>();

/** Rules are loaded once, and asked for each component. */
const rankedTypes = (rules: IdentityRules): RankedTypes => {
  let known = ranked.get(rules);
  if (known === undefined) {
    const types = Object.keys(rules.types).sort((a, b) => priority(a, rules) - priority(b, rules) || compare(a, b));
    const indexOfType = new Map(types.map((type, index) => [type, index]));
    known = { types, indexOfType, limits: types.map((type) => rules.types[type]?.maxPerCustomer ?? Infinity) };
    ranked.set(rules, known);
  }
  return known;
};

/** The weakest of all, where the rules know nothing of the type. */
const priority = (type: string, rules: IdentityRules): number => rules.types[type]?.priority ?? Number.MAX_VALUE;

const compare = (x: string, y: string): number => (x < y ? -1 : x > y ? 1 : 0);

const byTime = (x: Evidence, y: Evidence): number =>
  x.at - y.at || compare(x.id, y.id) || compare(x.a, y.a) || compare(x.b, y.b);
