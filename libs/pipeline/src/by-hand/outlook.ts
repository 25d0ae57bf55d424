import { type Component, type IdentityRules, type ManualLink, type ResolvedCustomer, resolve } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { ComponentWalk } from '../component-walk.js';
import { pairKey } from '../subjects-named.js';
import { type WorkingSet } from '../working-set.js';
import { type Order, type Pair } from './said.js';

/** What would come of an order's words on some subjects: who would be one customer with whom. Nothing is changed. */
export class Outlook {
  readonly #component: Component;
  readonly #mute: ReadonlySet<SubjectId>;
  readonly #rules: IdentityRules;
  #merges: readonly ManualLink[] | undefined;

  private constructor(component: Component, mute: ReadonlySet<SubjectId>, rules: IdentityRules) {
    this.#component = component;
    this.#mute = mute;
    this.#rules = rules;
  }

  /** Reads all that is said of these subjects, and of whomever that ties to them. */
  static async on(members: Iterable<SubjectId>, set: WorkingSet, rules: IdentityRules): Promise<Outlook> {
    const walk = new ComponentWalk(set, rules);
    const seeds = await walk.load(new Set(members));
    const mute = new Set<SubjectId>();
    const known = new Set<SubjectId>();
    const parts: Component[] = [];
    for (const seed of seeds) {
      if (known.has(seed)) continue;
      const part = walk.component(seed);
      parts.push(part.component);
      for (const { subject } of part.component.nodes) known.add(subject);
      for (const id of part.mute) mute.add(id);
    }
    const component = {
      nodes: parts.flatMap(({ nodes }) => nodes),
      evidence: parts.flatMap(({ evidence }) => evidence),
      manual: parts.flatMap(({ manual }) => manual),
    };
    return new Outlook(component, mute, rules);
  }

  /** Merges that hold, said by one of these orders: also of those who have come to be in other customers since. */
  mergesBy(orders: ReadonlySet<string>): Pair[] {
    const merges = (this.#merges ??= mergesThatHold(this.#component.manual));
    return merges.filter(({ id }) => orders.has(id)).map(({ a, b }) => ({ a, b }));
  }

  after(kind: ManualLink['kind'], pairs: readonly Pair[], { at, id }: Order): readonly ResolvedCustomer[] {
    const words = pairs.map(({ a, b }): ManualLink => ({ kind, a, b, at, id }));
    const component = { ...this.#component, manual: [...this.#component.manual, ...words] };
    return resolve(component, this.#rules, this.#mute).customers;
  }
}

const mergesThatHold = (words: readonly ManualLink[]): readonly ManualLink[] => {
  const newest = new Map<string, ManualLink>();
  for (const word of words) {
    const pair = pairKey(word.a, word.b);
    const known = newest.get(pair);
    if (!known || word.at > known.at || (word.at === known.at && word.id > known.id)) newest.set(pair, word);
  }
  return [...newest.values()].filter(({ kind }) => kind === 'merge');
};
