import { type Transition } from '@tributary/domain';
import { type CustomerId, namesakeOf, type SubjectId } from '@tributary/kernel';
import { type FeedMessage } from '../../feed-messages.js';

/** What the feed says of one entry of a course; evidence left out. */
export type Entry = Pick<Transition, 'at' | 'track' | 'from' | 'to'>;

export interface Followed {
  readonly id: CustomerId;
  readonly subjects: readonly SubjectId[];
  readonly course: readonly Entry[];
}

/** Of all types together. */
interface Data extends Entry {
  readonly subjects: readonly SubjectId[];
  readonly absorbed: readonly CustomerId[];
  readonly released: readonly { readonly customerId: CustomerId; readonly subjects: readonly SubjectId[] }[];
  readonly withdrawn: number;
  readonly transitions: readonly Transition[];
  /** Who is erased. */
  readonly subject: SubjectId;
}

/** Whoever folds the feed alone, as the guide to profile events says (docs/guide/profile-events.md). */
export class Follower {
  readonly #holders = new Map<SubjectId, CustomerId>();
  readonly #courses = new Map<CustomerId, Entry[]>();
  /** Who was absorbed, and was not said to hold anybody since. */
  readonly #gone = new Set<CustomerId>();
  /** Messages that make no sense to whoever has heard those before. */
  readonly senseless: FeedMessage[] = [];

  hear(message: FeedMessage): void {
    const { type, customerId: id } = message;
    const data = message.data as unknown as Data;
    switch (type) {
      case 'tributary.stage.entered.v1':
      case 'tributary.tier.entered.v1':
        this.#courseOf(message).push(entryOf({ ...data, at: Date.parse(`${message.at}`) }));
        break;
      case 'tributary.course.revised.v1': {
        const course = this.#courseOf(message);
        if (course.length < data.withdrawn) this.senseless.push(message);
        course.splice(Math.max(0, course.length - data.withdrawn), data.withdrawn, ...data.transitions.map(entryOf));
        break;
      }
      case 'tributary.customer.linked.v1':
        this.#holds(id, data.subjects);
        for (const each of data.absorbed) {
          this.#courses.delete(each);
          this.#gone.add(each);
        }
        break;
      case 'tributary.customer.released.v1':
        this.#holds(id, data.subjects);
        for (const group of data.released) this.#holds(group.customerId, group.subjects);
        break;
      case 'tributary.customer.erased.v1':
        this.#courses.delete(id);
        this.#holders.delete(data.subject);
    }
  }

  #holds(id: CustomerId, subjects: readonly SubjectId[]): void {
    for (const subject of subjects) this.#holders.set(subject, id);
    this.#gone.delete(id);
  }

  /** Of whom nothing was said of subjects, it is the one that it is named after. */
  #courseOf(message: FeedMessage): Entry[] {
    const { customerId: id } = message;
    const namesake = namesakeOf(id);
    const holder = this.#holders.get(namesake);
    if (holder === undefined) this.#holds(id, [namesake]);
    else if (this.#gone.has(id)) this.senseless.push(message);
    const course = this.#courses.get(id) ?? [];
    this.#courses.set(id, course);
    return course;
  }

  /** Who has a course, in order. */
  customers(): readonly Followed[] {
    const all: Followed[] = [];
    for (const [id, course] of this.#courses) {
      const subjects = [...this.#holders].flatMap(([subject, holder]) => (holder === id ? [subject] : []));
      if (course.length > 0) all.push({ id, subjects: subjects.sort(), course });
    }
    return all.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

export const entryOf = ({ at, track, from, to }: Entry): Entry => ({ at, track, from, to });
