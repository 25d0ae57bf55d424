import { type CustomerRecord, type SubjectRecord } from './customer.js';
import { emptyState } from './state.js';

/*
 * JSON text of records: the same record is the same text, however it came about, since all maps in it are kept sorted and
 * all else is written in one order. "Rebuilt from zero equals live, byte for byte" rests on it.
 *
 * Most touchpoints are behaviour: they move a few counters. So a subject is two documents: what a page view changes
 * (`activity`), and all that it does not (`subject`).
 */

/** Who the subject is, whom it belongs to, and what its facts and identifiers say. */
export const subjectText = ({ id, type, customer, decided, links, manual, state }: SubjectRecord): string => {
  const { identifiers, traits, interests, orders, contacts, tickets, surveys, reviews, place, recent } = state;
  const said = { identifiers, traits, interests, orders, contacts, tickets, surveys, reviews, place, recent };
  return JSON.stringify({ id, type, customer, decided, links, manual, said });
};

/** How often, when, and how far its stream has been read. */
export const activityText = ({ revision, state, sealed }: SubjectRecord): string => {
  const { touchpoints, first, last, seconds, channels, types, labels, days } = state;
  return JSON.stringify({ revision, touchpoints, first, last, seconds, channels, types, labels, days, sealed });
};

/** The record of both texts; without `activity` it has no touchpoint of its own yet. */
export const parseSubject = (subject: string, activity?: string): SubjectRecord => {
  const { id, type, customer, decided, links, manual, said } = JSON.parse(subject);
  const { revision, sealed, ...moving } = activity === undefined ? { revision: -1 } : JSON.parse(activity);
  const state = { ...emptyState(), ...moving, ...said };
  return { id, type, customer, revision, decided, links, manual, state, ...(sealed && { sealed }) };
};

export const customerText = (record: CustomerRecord): string => JSON.stringify(record);
export const parseCustomer = (body: string): CustomerRecord => JSON.parse(body) as CustomerRecord;
