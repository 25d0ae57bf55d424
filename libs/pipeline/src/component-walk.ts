import {
  type Component,
  COMPONENT_BOUND,
  type Evidence,
  firstSeenOf,
  type IdentityRules,
  type Link,
  type ManualLink,
  neighboursOf,
  recordConnects,
  type SubjectRecord,
  valueIn,
} from '@tributary/domain';
import { type Instant, type SubjectId } from '@tributary/kernel';
import { Regions } from './regions.js';
import { pairKey } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

const nobody: ReadonlySet<SubjectId> = new Set();

/** A subject that the walk came by. */
interface Walked {
  readonly record: SubjectRecord;
  /** When it was first named: looked for once, among as many ties as it may have. */
  readonly firstSeen: Instant;
  /** Whether it may tie others together. */
  readonly connects: boolean;
  readonly neighbours: readonly SubjectId[];
  /** Whether it is tied to more than its `neighbours`. */
  readonly isHub: boolean;
}

/** A shop's device is in the small component of each visitor, and tied to all of them: then the members are looked for among its ties. */
const linksAmong = (
  { links }: SubjectRecord,
  members: ReadonlyMap<SubjectId, Walked>,
): Iterable<readonly [SubjectId, Link]> => {
  if (links.length <= LOOK_UP_COST * members.size)
    return links.filter(([other]) => members.has(other as SubjectId)) as [SubjectId, Link][];
  return [...members.keys()].flatMap((id): [SubjectId, Link][] => {
    const link = valueIn(links, id);
    return link === undefined ? [] : [[id, link]];
  });
};

/** To look one up among many costs about as much as to pass by so many. */
const LOOK_UP_COST = 8;

/** What these subjects say of each other. */
const componentOf = (members: ReadonlyMap<SubjectId, Walked>): Component => {
  const evidence: Evidence[] = [];
  const manual = new Map<string, ManualLink>();
  for (const [a, { record }] of members) {
    for (const [b, link] of linksAmong(record, members)) if (a < b) evidence.push({ a, b, at: link.at, id: link.id });
    for (const link of record.manual)
      if (members.has(link.a) && members.has(link.b)) manual.set(`${link.id}|${pairKey(link.a, link.b)}`, link);
  }
  const nodes = [...members.values()].map(({ record, firstSeen }) => ({
    subject: record.id,
    type: record.type,
    firstSeen,
  }));
  return { nodes, evidence, manual: [...manual.values()] };
};

/**
 * Of a subject that is tied to more others, so many are followed: those first named. A robot that signs in as one member with a
 * new cookie each time ties that member to any number of them, of which the first few are the member's
 * (`maxPerCustomer`): the others must be decided, but each without all the rest.
 */
const MOST_FOLLOWED = 1_000;

/** Gathers what ties subjects together, directly or not, without following identifiers that join strangers; nothing changes meanwhile. */
export class ComponentWalk {
  readonly #set: WorkingSet;
  readonly #rules: IdentityRules;
  /** Each is come by some times. */
  readonly #walked = new Map<SubjectId, Walked | null>();
  /** From which the components are to be decided; known when all is loaded. */
  #seeds: ReadonlySet<SubjectId> = new Set();
  readonly #regions = new Regions(COMPONENT_BOUND);
  /** Of what is too large to be decided as a whole: whom the seeds of it concern. */
  #near: ReadonlySet<SubjectId> = nobody;

  constructor(set: WorkingSet, rules: IdentityRules) {
    this.#set = set;
    this.#rules = rules;
  }

  /** A loaded subject, if it is known. */
  #at(id: SubjectId): Walked | null {
    let walked = this.#walked.get(id);
    if (walked === undefined) this.#walked.set(id, (walked = this.#look(this.#set.subject(id))));
    return walked;
  }

  #look(record: SubjectRecord | undefined): Walked | null {
    if (!record) return null;
    const connects = recordConnects(record, this.#rules);
    const isHub = connects && record.links.length > MOST_FOLLOWED;
    const neighbours = isHub
      ? [...firstNamed(record, MOST_FOLLOWED), ...neighboursOf(record, false)]
      : neighboursOf(record, connects);
    return { record, firstSeen: firstSeenOf(record), connects, neighbours, isHub };
  }

  /**
   * Loads what the seeds reach, level by level, and answers the seeds that must be decided from. Where that is more than
   * `COMPONENT_BOUND` others, it goes no further.
   */
  async load(rewired: ReadonlySet<SubjectId>): Promise<ReadonlySet<SubjectId>> {
    await this.#set.loadSubjects(rewired);
    const seeds = new Set(rewired);
    for (const id of await this.#heldUnseen(rewired)) seeds.add(id);
    this.#seeds = seeds;
    const regions = this.#regions;
    for (const id of seeds) regions.begin(id);
    // Those who are let go become seeds meanwhile, and are read with the next level.
    let level: Iterable<SubjectId> = [...seeds];
    for (;;) {
      const next = new Set<SubjectId>();
      const meetings: [SubjectId, SubjectId][] = [];
      for (const id of await this.#letGo(level)) {
        seeds.add(id);
        if (regions.begin(id)) next.add(id);
      }
      for (const id of level) {
        if (regions.isTooLarge(id)) continue;
        for (const other of this.#at(id)?.neighbours ?? []) {
          if (regions.reach(other, id)) next.add(other);
          else meetings.push([other, id]);
        }
      }
      await this.#set.loadSubjects(next);
      // Who have nothing but a tablet of too many people in common have nothing in common, unless somebody said so.
      for (const [other, id] of meetings) {
        const met = this.#at(other);
        if (met && (met.connects || met.neighbours.includes(id))) regions.meet(other, id);
      }
      if (next.size === 0) break;
      level = next;
    }
    this.#near = await this.#nearTo([...seeds].filter((id) => regions.isTooLarge(id)));
    return seeds;
  }

  /**
   * The customers of these and of whom they are tied to, each whole. What holds between whole customers does not hang on anybody
   * else: the answer for these is that for all, as long as ties come in the order of their time and make nobody shared.
   */
  async #nearTo(seeds: readonly SubjectId[]): Promise<ReadonlySet<SubjectId>> {
    const near = new Set(seeds.flatMap((id) => [id, ...(this.#at(id)?.neighbours ?? [])]));
    await this.#set.loadSubjects(near);
    const customers = new Set([...near].flatMap((id) => this.#at(id)?.record.customer ?? []));
    await this.#set.loadCustomers(customers);
    for (const id of customers) for (const member of this.#set.customer(id)?.subjects ?? []) near.add(member);
    await this.#set.loadSubjects(near);
    return near;
  }

  /**
   * Whom those that join strangers since now held together, where nobody stands for their customer any more; where somebody does,
   * `#letGo` knows them by it.
   */
  async #heldUnseen(rewired: ReadonlySet<SubjectId>): Promise<readonly SubjectId[]> {
    const mute = this.#muteAmong(rewired);
    await this.#set.loadCustomers(mute.map(({ customer }) => customer));
    const others = mute
      .filter(({ customer }) => this.#set.customer(customer) === undefined)
      .map((record) => ({ record, named: firstNamed(record, MOST_FOLLOWED) }));
    await this.#set.loadSubjects(others.flatMap(({ named }) => named));
    return others.flatMap(({ record, named }) =>
      named.filter((other) => this.#at(other)?.record.customer === record.customer),
    );
  }

  #muteAmong(ids: Iterable<SubjectId>): SubjectRecord[] {
    const mute: SubjectRecord[] = [];
    for (const id of ids) {
      const walked = this.#at(id);
      if (walked && !walked.connects) mute.push(walked.record);
    }
    return mute;
  }

  /**
   * Who is still held by what holds nobody any more, since the rules that it did so by were others (they block it now): they
   * must be decided with whomever it was met beside, or its customer would be taken for gone while they stand in it.
   */
  async #letGo(level: Iterable<SubjectId>): Promise<readonly SubjectId[]> {
    const mute = this.#muteAmong(level);
    if (mute.length === 0) return [];
    await this.#set.loadCustomers(mute.map(({ customer }) => customer));
    return mute.flatMap((record) => {
      const members = this.#set.customer(record.customer)?.subjects ?? [];
      return members.filter((id) => valueIn(record.links, id) !== undefined);
    });
  }

  /**
   * What ties the seed to others, as far as `load` has read it; of what is too large only the customers near the seeds, all others
   * keep theirs. Of what is tied to many, the other seeds that are not `done` belong to it, too: they need not be decided one by
   * one.
   */
  component(
    seed: SubjectId,
    done: ReadonlySet<SubjectId> = nobody,
  ): { component: Component; mute: ReadonlySet<SubjectId> } {
    const mute = new Set<SubjectId>();
    const members = new Map<SubjectId, Walked>();
    const queue: SubjectId[] = [seed];
    const within = this.#regions.isTooLarge(seed) ? this.#near : this.#regions;
    for (let i = 0; i < queue.length && members.size < COMPONENT_BOUND; i++) {
      const id = queue[i] as SubjectId;
      if (members.has(id)) continue;
      const walked = this.#at(id);
      if (!walked) continue;
      members.set(id, walked);
      if (!walked.connects) mute.add(id);
      for (const other of walked.neighbours) if (within.has(other)) queue.push(other);
      if (!walked.isHub) continue;
      for (const other of this.#seeds)
        if (!done.has(other) && valueIn(walked.record.links, other) !== undefined) queue.push(other);
    }
    return { component: componentOf(members), mute };
  }
}

/** The first so many to whom evidence ties a subject, by (`at`, `id`). */
const firstNamed = ({ links }: SubjectRecord, most: number): readonly SubjectId[] => {
  if (links.length <= most) return links.map(([other]) => other as SubjectId);
  const times = Float64Array.from(links, ([, { at }]) => at).sort();
  const latest = times[most - 1] as number;
  return links
    .filter(([, { at }]) => at <= latest)
    .sort(([, x], [, y]) => x.at - y.at || (x.id < y.id ? -1 : 1))
    .slice(0, most)
    .map(([other]) => other as SubjectId);
};
