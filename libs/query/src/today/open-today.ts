import { type CustomerId, type Clock, type DocumentStore, namesakeOf, type SubjectId } from '@tributary/kernel';
import { type Identify, isInvalidIdentifier } from '@tributary/contracts';
import { type Profile, renderProfile } from '@tributary/domain';
import { InvalidIdentifierError } from '../errors.js';
import { readToday, stateOf } from './read-today.js';

export interface TodayDeps {
  readonly documents: Pick<DocumentStore, 'get'>;
  readonly identify: (...identifier: Parameters<Identify>) => ReturnType<Identify>;
  readonly clock: Clock;
}

/** Customers as the documents hold them now; what the documents throw passes through. */
export interface Today {
  /** Throws `InvalidIdentifierError` for a malformed one. */
  findByIdentifier(type: string, value: string): Promise<Profile | undefined>;
  get(id: CustomerId): Promise<Profile | undefined>;
}

export const openToday = ({ documents, identify, clock }: TodayDeps): Today => {
  const holder = async (subject: SubjectId): Promise<Profile | undefined> => {
    const customer = await readToday(documents, subject);
    return customer && renderProfile(customer.record, stateOf(customer), clock.now(), customer.version);
  };
  return {
    findByIdentifier: async (type, value) => holder(subjectNamed(identify, type, value)),
    get: (id) => holder(namesakeOf(id)),
  };
};

/** Throws `InvalidIdentifierError` for a malformed one. */
export const subjectNamed = (identify: TodayDeps['identify'], type: string, value: string): SubjectId => {
  const identifier = identify(type, value);
  if (isInvalidIdentifier(identifier)) throw new InvalidIdentifierError(identifier);
  return identifier.subject;
};
