import { type LifecycleRules } from '@tributary/domain';
import { type CustomerId, type Instant, namesakeOf } from '@tributary/kernel';
import { isDecidedAhead } from './ask-decided-ahead.js';
import { behaviourIsCalm, decideCourse, staysCalm } from './decide-course.js';
import { type Decided } from './decide-identity.js';
import { type Movement, stillness } from './movement.js';
import { type ProcessingTime } from './processing-time.js';
import { type WorkingSet } from './working-set.js';

/** Nothing new came, and a course goes on where it was told. */
const still = stillness();

/** Where many customers stand: of those whom events moved, and of those whose time has come. */
export class Courses {
  readonly #set: WorkingSet;
  readonly #rules: LifecycleRules;
  readonly #time: Pick<ProcessingTime, 'latest'>;
  readonly #calmRules: boolean;

  constructor(set: WorkingSet, rules: LifecycleRules, time: Pick<ProcessingTime, 'latest'>) {
    this.#set = set;
    this.#rules = rules;
    this.#time = time;
    this.#calmRules = behaviourIsCalm(rules);
  }

  /** Whether what came cannot have changed where the customer stands; then that is all there is to it. */
  stays(id: CustomerId, movement: Movement): boolean {
    const calm = this.#set.calmOf(id);
    if (!this.#calmRules || !staysCalm(calm, movement)) return false;
    this.#set.calmKnown(id, { last: movement.last, until: calm.until });
    return true;
  }

  /** Decides as far as their own touchpoints go, and notes when each could change next. */
  async ofMoved(moving: readonly CustomerId[], moved: ReadonlyMap<CustomerId, Movement>): Promise<Decided[]> {
    await this.#load(moving);
    const latest = this.#time.latest();
    const decisions: Decided[] = [];
    for (const id of moving) {
      const customer = this.#set.customer(id);
      if (!customer) continue;
      const { decided, nextChange, calm } = decideCourse(
        this.#set,
        customer,
        this.#rules,
        moved.get(id) ?? still,
        latest,
      );
      this.#set.courseKnown(id, nextChange, calm);
      decisions.push(...decided);
    }
    return decisions;
  }

  /** Decides as far as `now`: for whoever is due, when nothing waits to be read. */
  async ofDue(due: readonly CustomerId[], now: Instant): Promise<Decided[]> {
    await this.#load(due);
    const latest = this.#time.latest();
    const decisions: Decided[] = [];
    for (const id of due) {
      const customer = this.#set.customer(id);
      if (!customer) continue;
      const { decided, nextChange } = decideCourse(this.#set, customer, this.#rules, still, latest, now);
      this.#set.courseAsked(id, nextChange);
      decisions.push(...decided);
    }
    return decisions;
  }

  /** Notes when each could change next, and decides nothing: for whoever only reads back what was decided. */
  async noteTimesOf(moved: readonly CustomerId[]): Promise<void> {
    await this.#load(moved);
    const latest = this.#time.latest();
    for (const id of moved) {
      const customer = this.#set.customer(id);
      if (!customer) continue;
      const { nextChange } = decideCourse(this.#set, customer, this.#rules, still, latest);
      // What was decided for a time to come is due at once, to be asked again.
      this.#set.courseKnown(id, isDecidedAhead(customer, latest) ? 0 : nextChange, null);
    }
  }

  /** Their namesakes, too: these say how many decisions there were. */
  async #load(ids: readonly CustomerId[]): Promise<void> {
    await this.#set.loadCustomers(ids);
    await this.#set.loadSubjects(ids.flatMap((id) => [namesakeOf(id), ...(this.#set.customer(id)?.subjects ?? [])]));
  }
}
