import { type Component, type IdentityRules, type ManualLink, type ResolvedCustomer, resolve } from '@tributary/domain';
import { type SubjectId } from '@tributary/kernel';
import { ComponentWalk } from '../component-walk.js';
import { pairKey } from '../subjects-named.js';
import { type WorkingSet } from '../working-set.js';
import { type Order, type Word } from './said.js';

/** What would come of an order's words on some subjects: who would be one customer with whom. Nothing is changed. */
export class Outlook {
  readonly #component: Component;
  readonly #mute: ReadonlySet<SubjectId>;
  readonly #rules: IdentityRules;
  #words: ReadonlyMap<string, readonly ManualLink[]> | undefined;

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
  mergesBy(orders: ReadonlySet<string>): ManualLink[] {
    return [...this.#byPair().values()].flatMap((words) => {
      const [newest] = words;
      return newest?.kind === 'merge' && orders.has(newest.id) ? newest : [];
    });
  }

  /** What has to be said of these pairs to take all of these merges back: who was kept apart before them is so again. */
  takingBack(merges: readonly ManualLink[]): Word[] {
    const orders = new Set(merges.map(({ id }) => id));
    return merges.map(({ a, b }): Word => {
      const before = this.#byPair()
        .get(pairKey(a, b))
        ?.find(({ id }) => !orders.has(id));
      return { kind: before?.kind === 'keep_apart' ? 'keep_apart' : 'withdraw', a, b };
    });
  }

  after(said: readonly Word[], { at, id }: Order): readonly ResolvedCustomer[] {
    const words = said.map(({ kind, a, b }): ManualLink => ({ kind, a, b, at, id }));
    const component = { ...this.#component, manual: [...this.#component.manual, ...words] };
    return resolve(component, this.#rules, this.#mute).customers;
  }

  /** All words on each pair, the newest first. */
  #byPair(): ReadonlyMap<string, readonly ManualLink[]> {
    return (this.#words ??= wordsByPair(this.#component.manual));
  }
}

const wordsByPair = (words: readonly ManualLink[]): ReadonlyMap<string, readonly ManualLink[]> => {
  const byPair = new Map<string, ManualLink[]>();
  for (const word of words.toSorted((x, y) => y.at - x.at || (x.id < y.id ? 1 : -1))) {
    const pair = pairKey(word.a, word.b);
    const known = byPair.get(pair);
    if (known) known.push(word);
    else byPair.set(pair, [word]);
  }
  return byPair;
};
