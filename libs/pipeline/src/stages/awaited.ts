import { type CustomerId } from '@tributary/kernel';

/** Customers whose decisions are on their way at most; beyond that they are decided again in vain. */
const AWAITED = 100_000;

/** Facts that came while one waited, as reasons of what is decided then. */
type Because = string[];

interface Own {
  readonly because: Because;
  /** What arrives of its stream before this revision is not what it waits for. */
  readonly until: number;
  /** Whether any of it changes the customer's members, as far as is known. */
  readonly isOfMembers: boolean;
}

interface Concerned {
  /** Whose decisions change its members. */
  readonly by: Set<CustomerId>;
  readonly because: Because;
}

/**
 * Customers of whom nothing is to be decided before something comes back: of some it is a decision of their own, which would be
 * decided again in vain; of others one that changes their members. Who is about to be absorbed must not be told to enter a
 * stage behind that: whoever folds the feed would have somebody who is no more.
 */
export class Awaited {
  readonly #own = new Map<CustomerId, Own>();
  readonly #concerned = new Map<CustomerId, Concerned>();
  /** By whose decision it is: the others whom it concerns. */
  readonly #others = new Map<CustomerId, Set<CustomerId>>();

  has(id: CustomerId): boolean {
    return this.#own.has(id) || this.#concerned.has(id);
  }

  /** Whether it has a decision of its own on its way. */
  hasOwn(id: CustomerId): boolean {
    return this.#own.has(id);
  }

  /** Whether anything is on its way that changes its members. */
  changesMembersOf(id: CustomerId): boolean {
    return this.#own.get(id)?.isOfMembers === true || this.#concerned.has(id);
  }

  /** Whether it waits for another's decision. That comes back without a word of whom it concerned. */
  waitsForOthers(id: CustomerId): boolean {
    return this.#concerned.has(id);
  }

  /** Facts so far that wait with it; to be added to. `undefined`: it waits for nothing. */
  because(id: CustomerId): Because | undefined {
    return this.#own.get(id)?.because ?? this.#concerned.get(id)?.because;
  }

  /** Something is on its way in the customer's own stream, up to such a revision. */
  begin(id: CustomerId, until: number, isOfMembers: boolean): void {
    if (this.#own.size > AWAITED) for (const each of [this.#own, this.#concerned, this.#others]) each.clear();
    const known = this.#own.get(id);
    this.#own.set(id, {
      because: known?.because ?? [],
      until: Math.max(known?.until ?? -1, until),
      isOfMembers: isOfMembers || known?.isOfMembers === true,
    });
  }

  /** The decision of this customer that is on its way changes the members of these, too. */
  concerns(id: CustomerId, others: readonly CustomerId[]): void {
    const own = this.#others.get(id) ?? new Set();
    this.#others.set(id, own);
    for (const other of others) {
      own.add(other);
      const known = this.#concerned.get(other) ?? { by: new Set(), because: [] };
      known.by.add(id);
      this.#concerned.set(other, known);
    }
  }

  /** Something of its own came back, up to this revision. Answers who waits no more, with the facts that waited. */
  arrived(id: CustomerId, revision: number): readonly (readonly [CustomerId, readonly string[]])[] {
    const own = this.#own.get(id);
    if (own && revision < own.until) return [];
    const free: [CustomerId, readonly string[]][] = [[id, own?.because ?? []]];
    this.#own.delete(id);
    for (const other of this.#others.get(id) ?? []) {
      const concerned = this.#concerned.get(other);
      if (!concerned) continue;
      concerned.by.delete(id);
      if (concerned.by.size > 0) continue;
      this.#concerned.delete(other);
      free.push([other, concerned.because]);
    }
    this.#others.delete(id);
    return free;
  }
}
