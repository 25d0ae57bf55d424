import { type CustomerId, type Instant, namesakeOf, type SubjectId } from '@tributary/kernel';
import { type Profile } from '@tributary/domain';
import { type Profiles, type When } from './api.js';
import { openCaseAt, openCaseToday, profileOf } from './customer-case.js';
import { customerAt } from './customer-at.js';
import { type ProfileDeps } from './deps.js';
import { explain } from './explain/explain.js';
import { type Moment } from './moment.js';
import { listed } from './listed-customer.js';
import { pageOf } from './timeline/timeline.js';
import { openToday, subjectNamed } from './today/open-today.js';
import { scanToday } from './today/read-today.js';

/** Entries of a page, of a timeline or a list. */
export const PAGE_LIMIT = 200;

/** The read side over the stores of a platform. Holds no state of its own; opens and closes nothing. */
export const openProfiles = (deps: ProfileDeps): Profiles => {
  const { documents, clock } = deps;

  const today = openToday(deps);

  /** Who held a subject then: whom an identifier named may be another than whom it names now. */
  const holderAt = async (subject: SubjectId, moment: Moment): Promise<Profile | undefined> => {
    const then = await customerAt(deps, subject, moment);
    return then && profileOf({ ...then, at: moment.asOf });
  };

  return {
    findByIdentifier: async (type, value, when) => {
      const moment = momentOf(when, clock.now());
      return moment ? holderAt(subjectNamed(deps.identify, type, value), moment) : today.findByIdentifier(type, value);
    },
    get: async (id, when) => {
      const moment = momentOf(when, clock.now());
      return moment ? holderAt(namesakeOf(id), moment) : today.get(id);
    },
    timeline: async (id, { limit, before }) => {
      const subject = await openCaseToday(deps, id);
      return subject && pageOf(subject.customer.id, [...subject.facts, ...subject.decisions], bounded(limit), before);
    },
    explain: async (id, path, when) => {
      const moment = momentOf(when, clock.now());
      const subject = moment ? await openCaseAt(deps, id, moment) : await openCaseToday(deps, id);
      return subject && explain(subject, path, moment, deps.identityRules.version, deps.lifecycleRules);
    },
    list: async ({ after, limit }: { readonly after?: CustomerId; readonly limit: number }) => {
      const now = clock.now();
      return (await scanToday(documents, after, bounded(limit))).map((customer) => listed(customer, now));
    },
  };
};

/** `undefined`: as it is now. */
const momentOf = (when: When | undefined, now: Instant): Moment | undefined =>
  when?.asOf === undefined && when?.knownAt === undefined
    ? undefined
    : { asOf: when.asOf ?? now, knownAt: when.knownAt ?? now };

const bounded = (limit: number): number => Math.min(Math.max(1, Math.trunc(limit) || 1), PAGE_LIMIT);
