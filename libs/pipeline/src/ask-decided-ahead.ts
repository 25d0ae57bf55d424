import { type CustomerRecord, parseCustomer } from '@tributary/domain';
import { type CustomerId, type DocumentStore, type Instant } from '@tributary/kernel';
import { type ProcessingTime } from './processing-time.js';

const PAGE = 500;

type Time = Pick<ProcessingTime, 'mustAskAgain' | 'timesAhead' | 'askedAgain' | 'latest'>;

/**
 * Whom to ask again once a clock that was ahead is right: everybody of whom something was decided for a time that has not
 * come. What does not hold is then withdrawn as `CourseRevised`.
 */
export class AskDecidedAhead {
  readonly #documents: Pick<DocumentStore, 'scan'>;
  readonly #time: Time;
  #after = '';
  #timesAhead = 0;

  constructor(documents: Pick<DocumentStore, 'scan'>, time: Time) {
    this.#documents = documents;
    this.#time = time;
  }

  /** Those among the next customers; `null`: there is nothing, or nothing more, to look at. */
  async next(): Promise<readonly CustomerId[] | null> {
    if (!this.#time.mustAskAgain) return null;
    if (this.#timesAhead !== this.#time.timesAhead) {
      // Who has been looked at was so by a clock that was ahead.
      this.#timesAhead = this.#time.timesAhead;
      this.#after = '';
    }
    const page = await this.#documents.scan('customer', this.#after, PAGE);
    this.#after = page.at(-1)?.key ?? '';
    if (page.length === 0) {
      this.#time.askedAgain();
      return null;
    }
    const latest = this.#time.latest();
    return page.flatMap(({ key, body }) => (isDecidedAhead(parseCustomer(body), latest) ? [key as CustomerId] : []));
  }
}

/** By a clock that was ahead, or for a touchpoint that is dated ahead. */
export const isDecidedAhead = ({ course }: Pick<CustomerRecord, 'course'>, latest: Instant): boolean =>
  (course.at(-1)?.at ?? 0) > latest;
