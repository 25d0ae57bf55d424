import {
  type Component,
  COMPONENT_BOUND,
  type Evidence,
  firstSeenOf,
  type IdentityRules,
  type ManualLink,
  neighboursOf,
  recordConnects,
  type SubjectRecord,
} from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { pairKey } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/** What these subjects say of each other. */
const componentOf = (members: ReadonlyMap<SubjectId, SubjectRecord>): Component => {
  const evidence: Evidence[] = [];
  const manual = new Map<string, ManualLink>();
  for (const [a, record] of members) {
    for (const [other, link] of record.links) {
      const b = other as SubjectId;
      if (a < b && members.has(b)) evidence.push({ a, b, at: link.at, id: link.id });
    }
    for (const link of record.manual)
      if (members.has(link.a) && members.has(link.b)) manual.set(`${link.id}|${pairKey(link.a, link.b)}`, link);
  }
  const nodes = [...members.values()].map((record) => ({
    subject: record.id,
    type: record.type,
    firstSeen: firstSeenOf(record),
  }));
  return { nodes, evidence, manual: [...manual.values()] };
};

/** A subject that the walk came by. */
interface Walked {
  readonly record: SubjectRecord;
  /** Whether it may tie others together. */
  readonly connects: boolean;
  readonly neighbours: readonly SubjectId[];
}

/** Gathers what ties subjects together, directly or not, without following identifiers that join strangers; nothing changes meanwhile. */
export class ComponentWalk {
  readonly #set: WorkingSet;
  readonly #rules: IdentityRules;
  /** Each is come by some times. */
  readonly #walked = new Map<SubjectId, Walked | null>();

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
    return { record, connects, neighbours: neighboursOf(record, connects) };
  }

  /** Loads everything that the seeds reach, level by level, and answers the seeds that must be decided from. */
  async load(rewired: ReadonlySet<SubjectId>): Promise<ReadonlySet<SubjectId>> {
    await this.#set.loadSubjects(rewired);
    const seeds = new Set(rewired);
    for (const id of rewired) {
      const walked = this.#at(id);
      // One that joins strangers since now: each of those whom it held together must be decided without it.
      if (walked && !walked.connects) {
        const { record } = walked;
        const others = record.links.map(([other]) => other as SubjectId);
        await this.#set.loadSubjects(others);
        for (const other of others) if (this.#at(other)?.record.customer === record.customer) seeds.add(other);
      }
    }
    const seen = new Set(seeds);
    let level: Iterable<SubjectId> = seeds;
    for (;;) {
      const next = new Set<SubjectId>();
      for (const id of await this.#letGo(level)) {
        seeds.add(id);
        if (!seen.has(id)) next.add(id);
      }
      for (const id of level) {
        for (const other of this.#at(id)?.neighbours ?? []) if (!seen.has(other)) next.add(other);
      }
      if (next.size === 0) return seeds;
      for (const id of next) seen.add(id);
      await this.#set.loadSubjects(next);
      level = next;
    }
  }

  /**
   * Who is still held by what holds nobody any more, since the rules that it did so by were others (they block it now): they
   * must be decided with whomever it was met beside, or its customer would be taken for gone while they stand in it.
   */
  async #letGo(level: Iterable<SubjectId>): Promise<readonly SubjectId[]> {
    const mute: SubjectRecord[] = [];
    for (const id of level) {
      const walked = this.#at(id);
      if (walked && !walked.connects) mute.push(walked.record);
    }
    if (mute.length === 0) return [];
    await this.#set.loadCustomers(mute.map(({ customer }) => customer));
    return mute.flatMap((record) => {
      const members = this.#set.customer(record.customer)?.subjects ?? [];
      if (members.length < 2) return [];
      const held = new Set(members);
      return record.links.map(([other]) => other as SubjectId).filter((other) => held.has(other));
    });
  }

  /** What ties the seed to others, as far as `load` has read it; beyond `COMPONENT_BOUND` subjects keep their customers. */
  component(seed: SubjectId): { component: Component; mute: ReadonlySet<SubjectId> } {
    const mute = new Set<SubjectId>();
    const members = new Map<SubjectId, SubjectRecord>();
    const queue: SubjectId[] = [seed];
    for (let i = 0; i < queue.length && members.size < COMPONENT_BOUND; i++) {
      const id = queue[i] as SubjectId;
      if (members.has(id)) continue;
      const walked = this.#at(id);
      if (!walked) continue;
      members.set(id, walked.record);
      if (!walked.connects) mute.add(id);
      queue.push(...walked.neighbours);
    }
    return { component: componentOf(members), mute };
  }
}
