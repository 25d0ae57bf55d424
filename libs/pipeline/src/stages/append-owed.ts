import { EngineError, type EventStore, type NewEvent, WrongExpectedRevision } from '@tributary/kernel';
import { inFlight } from './in-flight.js';

/** Events that belong into a stream once, at whatever place: by their ids they are known again. */
export interface OwedAppend {
  readonly stream: string;
  /** None of the events stands at or before this revision: read before anybody could append them. */
  readonly base: number;
  readonly events: readonly NewEvent[];
}

/** Each conflict means that somebody else got on; so many in a row mean that something is wrong. */
const ATTEMPTS = 50;
const PAGE = 500;

/**
 * Appends what is owed, and what stands there already not again. Several writers share a stream (a subject is touched on
 * many channels, a command comes in between), so a conflict is no refusal here: the stream is read on and the append goes
 * behind what was found. Answers for each stream a revision that it has reached at least.
 */
export const appendOwed = async (
  events: EventStore,
  owed: readonly OwedAppend[],
): Promise<readonly { readonly stream: string; readonly revision: number }[]> => {
  if (owed.length === 0) return [];
  try {
    await events.append(owed.map(({ stream, base, events: own }) => ({ stream, expectedRevision: base, events: own })));
    return owed.map(({ stream, base, events: own }) => ({ stream, revision: base + own.length }));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
  // Which of the others went through is not known; the same events at the same place count as done.
  return inFlight(owed, async (one) => ({ stream: one.stream, revision: await appendOne(events, one) }));
};

const appendOne = async (store: EventStore, { stream, base, events }: OwedAppend): Promise<number> => {
  const own = new Set(events.map(({ id }) => id));
  let expectedRevision = base;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await store.append([{ stream, expectedRevision, events }]);
      return expectedRevision + events.length;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
    }
    for (;;) {
      const page = await store.readStream(stream, expectedRevision + 1, PAGE);
      const last = page[page.length - 1];
      // An append is atomic: one of the events there means all of them there.
      if (page.some(({ id }) => own.has(id))) return (last as { revision: number }).revision;
      if (!last) break;
      expectedRevision = last.revision;
    }
  }
  throw new EngineError('events', 'retriable', `a stream moved ${ATTEMPTS} times before an append got through`);
};
