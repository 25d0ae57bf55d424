import { type ResolvedCustomer } from '@tributary/domain';
import { type CustomerId, type SubjectId } from '@tributary/kernel';

/** Who would hold whom. */
export class Holders {
  readonly #of = new Map<SubjectId, CustomerId>();

  constructor(customers: readonly ResolvedCustomer[]) {
    for (const { id, subjects } of customers) for (const subject of subjects) this.#of.set(subject, id);
  }

  areOne(a: SubjectId, b: SubjectId): boolean {
    return this.#of.get(a) === this.#of.get(b);
  }

  of(...subjects: readonly SubjectId[]): CustomerId[] {
    return subjects.flatMap((id) => this.#of.get(id) ?? []);
  }
}
