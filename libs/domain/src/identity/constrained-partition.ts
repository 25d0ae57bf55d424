import { type Counters, counters } from './counters.js';

/** Why two sets were not joined: a pair kept apart, or the index of the type of which the union would hold too many. */
export type Obstacle = 'kept_apart' | number;

/**
 * A partition of `0 … n-1` that only grows together, under two constraints: pairs kept apart, and a limit per type.
 * Union-find; a root also holds how many of each type its set has and which other roots it must never meet. Joining
 * moves the smaller set of such roots into the larger, so any sequence of n joins costs O(n log n) in all.
 */
export class ConstrainedPartition {
  private readonly parent: Counters;
  private readonly size: Counters;
  /** `root * limits.length + type` */
  private readonly counts: Counters;
  private readonly strangers = new Map<number, Set<number>>();

  /**
   * @param typeOf type index of each element; -1: of no limited type
   * @param limits by type index; `Infinity`: no limit
   */
  constructor(
    typeOf: readonly number[],
    private readonly limits: readonly number[],
  ) {
    const n = typeOf.length;
    this.parent = counters(n);
    this.size = counters(n).fill(1);
    this.counts = counters(n * limits.length);
    for (let i = 0; i < n; i++) {
      this.parent[i] = i;
      const type = typeOf[i] as number;
      if (type >= 0) this.counts[i * limits.length + type] = 1;
    }
  }

  find(element: number): number {
    const { parent } = this;
    let at = element;
    for (;;) {
      const up = parent[at] as number;
      if (up === at) return at;
      const next = parent[up] as number;
      parent[at] = next;
      at = next;
    }
  }

  /** To be said before anything is joined: a pair that is already together cannot be parted. */
  keepApart(a: number, b: number): void {
    this.strangersOf(a).add(b);
    this.strangersOf(b).add(a);
  }

  together(a: number, b: number): boolean {
    return this.find(a) === this.find(b);
  }

  /** Whether a pair that must be kept apart stands against joining these two. */
  apart(a: number, b: number): boolean {
    return this.strangers.get(this.find(a))?.has(this.find(b)) ?? false;
  }

  /** Joins the sets of two elements, or answers what stands against it. Two that are together already stay so. */
  join(a: number, b: number, limits: 'respected' | 'outranked'): Obstacle | null {
    const rootA = this.find(a);
    const rootB = this.find(b);
    if (rootA === rootB) return null;
    if (this.strangers.get(rootA)?.has(rootB)) return 'kept_apart';
    if (limits === 'respected') {
      const type = this.exceeded(rootA, rootB);
      if (type >= 0) return type;
    }
    const keepsA = this.weight(rootA) >= this.weight(rootB);
    this.absorb(keepsA ? rootA : rootB, keepsA ? rootB : rootA);
    return null;
  }

  /**
   * The first type of which the union holds too many *because of* the union: a set that a manual merge brought above
   * a limit may still gain what adds nothing to that type.
   */
  private exceeded(rootA: number, rootB: number): number {
    const { counts, limits } = this;
    const types = limits.length;
    for (let type = 0; type < types; type++) {
      const inA = counts[rootA * types + type] as number;
      const inB = counts[rootB * types + type] as number;
      if (inA > 0 && inB > 0 && inA + inB > (limits[type] as number)) return type;
    }
    return -1;
  }

  private absorb(root: number, gone: number): void {
    const types = this.limits.length;
    this.parent[gone] = root;
    this.size[root] = (this.size[root] as number) + (this.size[gone] as number);
    for (let type = 0; type < types; type++) {
      const at = root * types + type;
      this.counts[at] = (this.counts[at] as number) + (this.counts[gone * types + type] as number);
    }
    const moved = this.strangers.get(gone);
    if (moved === undefined) return;
    const kept = this.strangersOf(root);
    for (const stranger of moved) {
      kept.add(stranger);
      const theirs = this.strangersOf(stranger);
      theirs.delete(gone);
      theirs.add(root);
    }
    this.strangers.delete(gone);
  }

  /** Strangers first (they are what must be moved one by one), then size; path halving keeps `find` logarithmic. */
  private weight(root: number): number {
    return (this.strangers.get(root)?.size ?? 0) * this.parent.length + (this.size[root] as number);
  }

  private strangersOf(root: number): Set<number> {
    let set = this.strangers.get(root);
    if (set === undefined) this.strangers.set(root, (set = new Set()));
    return set;
  }
}
