import { type SubjectId } from '@tributary/kernel';

interface Region {
  /** The region that took it in; itself: none did. */
  within: Region;
  /** How many were reached, beside those that it was begun from. */
  reached: number;
}

/** What is reached from many places at once: whatever meets is one region, and of each is known whether it is too large. */
export class Regions {
  readonly #of = new Map<SubjectId, Region>();
  readonly #most: number;

  /** @param most beyond so many reached a region is too large */
  constructor(most: number) {
    this.#most = most;
  }

  /** A region of its own, unless it belongs to one. Answers whether that is news. */
  begin(id: SubjectId): boolean {
    if (this.#of.has(id)) return false;
    const region = { reached: 0 } as Region;
    region.within = region;
    this.#of.set(id, region);
    return true;
  }

  /** From one that belongs to a region. Answers whether that is news; if it is not, the two may `meet`. */
  reach(id: SubjectId, from: SubjectId): boolean {
    if (this.#of.has(id)) return false;
    const region = this.#at(from) as Region;
    this.#of.set(id, region);
    region.reached += 1;
    return true;
  }

  /** What either belongs to is one region from now on. */
  meet(a: SubjectId, b: SubjectId): void {
    const [region, other] = [this.#at(a), this.#at(b)];
    if (region === undefined || other === undefined || region === other) return;
    const [larger, smaller] = other.reached > region.reached ? [other, region] : [region, other];
    smaller.within = larger;
    larger.reached += smaller.reached;
  }

  /** Whether it was reached from anywhere. */
  has(id: SubjectId): boolean {
    return this.#of.has(id);
  }

  isTooLarge(id: SubjectId): boolean {
    return (this.#at(id)?.reached ?? 0) > this.#most;
  }

  #at(id: SubjectId): Region | undefined {
    let region = this.#of.get(id);
    while (region !== undefined && region.within !== region) region = region.within = region.within.within;
    return region;
  }
}
