/** One consumer of a group, as the coordinator sees it. */
export interface Member {
  readonly name: string;
  readonly group: string;
  readonly partitions: readonly number[];
  granted(partition: number): void;
  revoked(partition: number): void;
}

interface Holding {
  owner: Member | undefined;
  /** The owner was asked to give it back and has not yet. */
  leaving: boolean;
}

/**
 * Gives each partition to one member of a group at a time, spread evenly. A partition moves only after its owner has
 * finished the batch in hand and released it; a member that is gone (its thread died) released all it had.
 */
export class GroupCoordinator {
  readonly #members = new Map<string, Member>();
  readonly #groups = new Map<string, Map<number, Holding>>();

  join(member: Member): void {
    this.#members.set(member.name, member);
    if (!this.#groups.has(member.group)) this.#groups.set(member.group, new Map());
    this.#balance(member.group);
  }

  leave(name: string): void {
    const member = this.#members.get(name);
    if (!member) return;
    this.#members.delete(name);
    for (const holding of this.#groups.get(member.group)!.values())
      if (holding.owner === member) holding.owner = undefined;
    this.#balance(member.group);
  }

  released(name: string, partition: number): void {
    const member = this.#members.get(name);
    const holding = member && this.#groups.get(member.group)!.get(partition);
    if (!holding || holding.owner !== member) return;
    holding.owner = undefined;
    this.#balance(member.group);
  }

  #balance(group: string): void {
    const members = [...this.#members.values()].filter((member) => member.group === group);
    const holdings = this.#groups.get(group)!;
    const partitions = [...new Set(members.flatMap((member) => member.partitions))].sort((a, b) => a - b);
    partitions.forEach((partition, i) => {
      const candidates = members.filter((member) => member.partitions.includes(partition));
      const wanted = candidates[i % candidates.length]!;
      const holding = holdings.get(partition) ?? { owner: undefined, leaving: false };
      holdings.set(partition, holding);
      if (!holding.owner) {
        holding.owner = wanted;
        holding.leaving = false;
        wanted.granted(partition);
      } else if (holding.owner !== wanted && !holding.leaving) {
        holding.leaving = true;
        holding.owner.revoked(partition);
      }
    });
    if (members.length === 0) this.#groups.delete(group);
  }
}
