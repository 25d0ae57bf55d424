import { deleteIn, newSubject, otherOf, type SubjectRecord } from '@tributary/domain';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { UNKNOWN_TYPE } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

/** What one event that erases a subject takes from the records: of itself, of its neighbours, of those it was known with. */
export class Erasure {
  readonly #set: WorkingSet;
  readonly #position: number;
  /** Subjects whose ties changed. */
  readonly #rewired: Set<SubjectId>;
  /** All subjects of the customer that is erased. */
  readonly #members: ReadonlySet<SubjectId>;

  constructor(set: WorkingSet, position: number, rewired: Set<SubjectId>, members: readonly SubjectId[]) {
    this.#set = set;
    this.#position = position;
    this.#rewired = rewired;
    this.#members = new Set(members);
  }

  /** Forgets the subject's state and ties, and what its neighbours hold of it. Answers who is gone: it, and who went with it. */
  of(record: SubjectRecord, revision: number): ReadonlySet<SubjectId> {
    for (const [other] of record.links) {
      const neighbour = this.#set.subject(other as SubjectId);
      if (!neighbour) continue;
      deleteIn(neighbour.links, record.id);
      // The neighbour's own touchpoints brought the value, and it is the erased one's: it counts again when named again.
      deleteIn(neighbour.state.identifiers, record.id);
      if (!this.#forgotten(neighbour.id)) this.#set.touchSubject(neighbour.id, this.#position);
      this.#rewired.add(neighbour.id);
    }
    this.#unsay(record);
    for (const id of this.#members) {
      const member = this.#set.subject(id);
      if (member && member.state.touchpoints === 0 && member.revision < 0) this.#unsay(member);
    }
    const forgotten = [...this.#members].filter((id) => id !== record.id && this.#forgotten(id));
    const blank = newSubject(record.id, UNKNOWN_TYPE, customerNamedAfter(record.id));
    blank.revision = revision;
    blank.decided = record.decided;
    this.#set.replaceSubject(blank, this.#position);
    return new Set([record.id, ...forgotten]);
  }

  /** Forgets what was said of the subject by hand, on both sides. */
  #unsay(record: SubjectRecord): void {
    for (const word of record.manual) {
      const other = this.#set.subject(otherOf(word, record.id));
      if (!other) continue;
      other.manual = other.manual.filter((link) => link.a !== record.id && link.b !== record.id);
      if (!this.#forgotten(other.id)) this.#set.touchSubject(other.id, this.#position);
      this.#rewired.add(other.id);
    }
    if (record.manual.length > 0) this.#set.touchSubject(record.id, this.#position);
    record.manual = [];
  }

  /**
   * A customer that is not being erased holds it. Live, something then ties it to that customer; a rebuild may find nothing that
   * does, where those touchpoints are sealed for an erasure that is still to come. It goes with that one.
   */
  #isHeldByOthers({ id, customer }: SubjectRecord): boolean {
    return !this.#members.has(id) && customer !== customerNamedAfter(id);
  }

  /** Lets go of a member that nobody names any more; if decisions were named after it, all but their number. */
  #forgotten(id: SubjectId): boolean {
    const record = this.#set.subject(id);
    if (!record) return true;
    if (!isUnnamed(record) || this.#isHeldByOthers(record)) {
      // Only somebody's word or an empty stream is left of it; of which type it was, erased facts alone have said.
      if (record.state.touchpoints === 0 && record.links.length === 0) {
        record.type = UNKNOWN_TYPE;
        this.#set.touchSubject(id, this.#position);
      }
      return false;
    }
    if (record.decided < 0) this.#set.dropSubject(id, this.#position);
    else {
      record.type = UNKNOWN_TYPE;
      record.customer = customerNamedAfter(id);
      this.#set.touchSubject(id, this.#position);
    }
    return true;
  }
}

/** Known only by having been named together with somebody who is gone. */
const isUnnamed = (record: SubjectRecord): boolean =>
  record.state.touchpoints === 0 && record.links.length === 0 && record.manual.length === 0 && record.revision < 0;
