import { type CustomerId, type Instant, namesakeOf } from '@tributary/kernel';
import { type Profile, renderProfile } from '@tributary/domain';
import { customerAt, type CustomerThen } from './customer-at.js';
import { type ProfileDeps } from './deps.js';
import { always, type Moment } from './moment.js';
import { decisionsAbout } from './replay/decisions-about.js';
import { readDecisions } from './replay/read-decisions.js';
import { erasuresOf, readFacts } from './replay/read-facts.js';
import { walkComponent } from './replay/walk-component.js';
import { readToday, stateOf } from './today/read-today.js';

/** A customer with all that made it what it is, today or at a moment. */
export interface CustomerCase extends CustomerThen {
  /** The instant at which it is rendered. */
  readonly at: Instant;
}

export const profileOf = ({
  customer,
  state,
  at,
  version,
}: Pick<CustomerCase, 'customer' | 'state' | 'at' | 'version'>): Profile => renderProfile(customer, state, at, version);

/** Today's customer with its events. */
export const openCaseToday = async (deps: ProfileDeps, id: CustomerId): Promise<CustomerCase | undefined> => {
  const today = await readToday(deps.documents, namesakeOf(id));
  if (!today) return undefined;
  const { record: customer, version } = today;
  const start = customer.subjects[0] ?? namesakeOf(id);
  const walked = await walkComponent(deps.documents, start, deps.identityRules, always);
  const streams = [...new Set([...customer.subjects, ...walked.subjects])];
  const [subjects, decisions] = await Promise.all([
    readFacts(deps, customer.subjects),
    readDecisions(deps.events, streams),
  ]);
  const about = decisionsAbout(customer, decisions, erasuresOf(subjects));
  return {
    customer,
    state: stateOf(today),
    facts: subjects.flatMap(({ facts }) => facts),
    decisions: about,
    refused: about.flatMap(({ decision }) => (decision.type === 'LinkRefused' ? decision : [])),
    at: deps.clock.now(),
    version,
  };
};

/** The customer as it was at a moment, with the events that it was made of then. */
export const openCaseAt = async (
  deps: ProfileDeps,
  id: CustomerId,
  moment: Moment,
): Promise<CustomerCase | undefined> => {
  const then = await customerAt(deps, namesakeOf(id), moment);
  if (!then) return undefined;
  return { ...then, at: moment.asOf };
};
