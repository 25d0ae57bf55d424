import { type CustomerRecord, type SubjectRecord } from './customer.js';
import { type SubjectState } from './state.js';

/*
 * Records are written as JSON after each batch that touches them, and most touchpoints are behaviour, which changes only a
 * few counters of a state. The text of the rest is kept until a fact changes it.
 */
const settled = new WeakMap<SubjectState, string>();

/** The state's facts or identifiers are about to change: what is remembered of their text holds no more. */
export const unsettle = (state: SubjectState): void => void settled.delete(state);

const settledText = (state: SubjectState): string => {
  let text = settled.get(state);
  if (text === undefined) {
    const { identifiers, traits, interests, orders, contacts, tickets, surveys, reviews, place, recent } = state;
    text = JSON.stringify({
      identifiers,
      traits,
      interests,
      orders,
      contacts,
      tickets,
      surveys,
      reviews,
      place,
      recent,
    }).slice(1);
    settled.set(state, text);
  }
  return text;
};

/**
 * JSON text of a subject's record: the same record is the same text, however it came about, since all maps in it are kept
 * sorted and all else is written in one order. "Rebuilt from zero equals live, byte for byte" rests on it.
 */
export const subjectText = (record: SubjectRecord): string => {
  const { id, type, customer, revision, decided, links, manual, state } = record;
  const head = JSON.stringify({ id, type, customer, revision, decided, links, manual });
  const { touchpoints, first, last, seconds, channels, types, labels, days } = state;
  const moving = JSON.stringify({ touchpoints, first, last, seconds, channels, types, labels });
  return `${head.slice(0, -1)},"state":${moving.slice(0, -1)},"days":[${days.join(',')}],${settledText(state)}}`;
};

export const customerText = (record: CustomerRecord): string => JSON.stringify(record);
