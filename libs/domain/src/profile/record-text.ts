import { type CustomerRecord, type Link, silent, type SubjectRecord } from './customer.js';
import { orders } from './orders-json.js';
import {
  json,
  keyed,
  number,
  numberAfter,
  numberOrNullAfter,
  rare,
  register,
  string,
  stringAfter,
  stringOrNullAfter,
  textRegister,
} from './record-json.js';
import {
  type ContactTally,
  emptyState,
  type HeldIdentifier,
  type RecentContact,
  type SubjectState,
  type Tally,
  type TicketState,
} from './state.js';

/*
 * JSON text of records: the same record is the same text, however it came about, since all maps in it are kept sorted and
 * all else is written in one order. "Rebuilt from zero equals live, byte for byte" rests on it.
 *
 * Most touchpoints are behaviour: they move a few counters. So a subject is two documents: what a page view changes
 * (`activity`), and all that it does not (`subject`).
 *
 * Both are written some times for each touchpoint, so they have writers of their own: a state's field is written here, too.
 */

/** Who the subject is, whom it belongs to, and what its facts and identifiers say. The bytes change with the next call. */
export const subjectBytes = ({ id, type, customer, decided, links, manual, state }: SubjectRecord): Uint8Array => {
  json.begin();
  stringAfter('{"id":', id);
  stringAfter(',"type":', type);
  stringAfter(',"customer":', customer);
  numberAfter(',"decided":', decided);
  json.raw(',"links":');
  keyed(links, link);
  json.raw(',"manual":');
  rare(manual);
  if (state === silent) json.raw(NOTHING_SAID);
  else whatIsSaid(state);
  return json.written();
};

const whatIsSaid = (state: SubjectState): void => {
  json.raw(',"said":{"identifiers":');
  keyed(state.identifiers, identifier);
  json.raw(',"traits":');
  keyed(state.traits, textRegister);
  json.raw(',"interests":');
  keyed(state.interests, number);
  json.raw(',"orders":');
  orders(state.orders);
  json.raw(',"contacts":');
  keyed(state.contacts, contactTally);
  json.raw(',"tickets":');
  keyed(state.tickets, ticket);
  json.raw(',"surveys":');
  rare(state.surveys);
  json.raw(',"reviews":');
  if (state.reviews.last === null && state.reviews.n === 0 && state.reviews.sumOfRatios === 0)
    json.raw('{"n":0,"sumOfRatios":0,"last":null}');
  else json.any(state.reviews);
  json.raw(',"place":{"country":');
  register(state.place.country, string);
  json.raw(',"city":');
  register(state.place.city, string);
  json.raw(',"store":');
  register(state.place.store, string);
  json.raw('},"recent":');
  json.list(state.recent, recentContact);
  json.raw('}}');
};

/** How often, when, and how far its stream has been read. The bytes change with the next call. */
export const activityBytes = ({ revision, state, sealed }: SubjectRecord): Uint8Array => {
  json.begin();
  numberAfter('{"revision":', revision);
  numberAfter(',"touchpoints":', state.touchpoints);
  numberAfter(',"first":', state.first);
  numberAfter(',"last":', state.last);
  numberAfter(',"seconds":', state.seconds);
  json.raw(',"channels":');
  keyed(state.channels, tally);
  json.raw(',"types":');
  keyed(state.types, tally);
  json.raw(',"labels":');
  keyed(state.labels, tally);
  json.raw(',"days":');
  json.list(state.days, number);
  json.raw(sealed ? ',"sealed":true}' : '}');
  return json.written();
};

const counted = ({ n, first, last }: Tally): void => {
  numberAfter('{"n":', n);
  numberAfter(',"first":', first);
  numberAfter(',"last":', last);
};

const tally = (value: Tally): void => {
  counted(value);
  json.raw('}');
};

const contactTally = (value: ContactTally): void => {
  counted(value);
  numberAfter(',"inbound":', value.inbound);
  numberAfter(',"outbound":', value.outbound);
  numberAfter(',"seconds":', value.seconds);
  json.raw(',"outcome":');
  textRegister(value.outcome);
  json.raw('}');
};

const link = ({ at, id, known, type }: Link): void => {
  numberAfter('{"at":', at);
  stringAfter(',"id":', id);
  numberAfter(',"known":', known);
  stringAfter(',"type":', type);
  json.raw('}');
};

const identifier = ({ type, value, first }: HeldIdentifier): void => {
  stringAfter('{"type":', type);
  stringAfter(',"value":', value);
  numberAfter(',"first":', first);
  json.raw('}');
};

const ticket = (value: TicketState): void => {
  numberOrNullAfter('{"openedAt":', value.openedAt);
  numberOrNullAfter(',"closedAt":', value.closedAt);
  json.raw(',"topic":');
  textRegister(value.topic);
  json.raw(',"status":');
  textRegister(value.status);
  json.raw(',"priority":');
  textRegister(value.priority);
  numberAfter(',"updates":', value.updates);
  numberAfter(',"reopened":', value.reopened);
  json.raw(',"withinSla":');
  register(value.withinSla, (within) => json.raw(within ? 'true' : 'false'));
  json.raw('}');
};

const recentContact = ({ at, id, type, channel, topic, outcome }: RecentContact): void => {
  numberAfter('{"at":', at);
  stringAfter(',"id":', id);
  stringAfter(',"type":', type);
  stringAfter(',"channel":', channel);
  stringOrNullAfter(',"topic":', topic);
  stringOrNullAfter(',"outcome":', outcome);
  json.raw('}');
};

const decoder = new TextDecoder();

/** The end of the text of whoever has said nothing. */
const NOTHING_SAID = ((): string => {
  json.begin();
  whatIsSaid(silent);
  return decoder.decode(json.written());
})();

export const subjectText = (record: SubjectRecord): string => decoder.decode(subjectBytes(record));
export const activityText = (record: SubjectRecord): string => decoder.decode(activityBytes(record));

/** The record of both texts; without `activity` it has no touchpoint of its own yet. */
export const parseSubject = (subject: string, activity?: string): SubjectRecord => {
  const { id, type, customer, decided, links, manual, said } = JSON.parse(subject);
  if (activity === undefined && subject.endsWith(NOTHING_SAID))
    return { id, type, customer, revision: -1, decided, links, manual, state: silent };
  const { revision, sealed, ...moving } = activity === undefined ? { revision: -1 } : JSON.parse(activity);
  const state = { ...emptyState(), ...moving, ...said };
  return { id, type, customer, revision, decided, links, manual, state, ...(sealed && { sealed }) };
};

export const customerText = (record: CustomerRecord): string => JSON.stringify(record);
export const parseCustomer = (body: string): CustomerRecord => JSON.parse(body) as CustomerRecord;
