import {
  EngineError,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
  WrongExpectedRevision,
} from '@tributary/kernel';
import { inFlight } from '../in-flight.js';
import { olderStore } from './reached.js';

/** Events that belong into a stream once, at whatever place: by their ids they are known again. */
export interface OwedAppend {
  readonly stream: string;
  /** None of the events stands at or before this revision: read before anybody could append them. */
  readonly base: number;
  readonly events: readonly NewEvent[];
  /** Whether an event that stands there is of the same share, under whatever id. */
  readonly isShare?: (event: RecordedEvent) => boolean;
}

/** A revision that a stream has reached at least, and where the last of what was owed stands in it. */
export interface InStream {
  readonly stream: string;
  readonly revision: number;
  readonly own: number;
}

/** Each conflict means that somebody else got on; so many in a row mean that something is wrong. */
const ATTEMPTS = 50;
const PAGE = 500;

/**
 * Appends what is owed, and what stands there already not again. Several writers share a stream (a subject is touched on
 * many channels, a command comes in between), so a conflict is no refusal here: the stream is read on and the append goes
 * behind what was found. Answers for each stream a revision that it has reached at least: others may stand behind what is its own.
 */
export const appendOwed = async (events: EventStore, owed: readonly OwedAppend[]): Promise<readonly InStream[]> => {
  if (owed.length === 0) return [];
  try {
    await events.append(owed.map(({ stream, base, events: own }) => ({ stream, expectedRevision: base, events: own })));
    return owed.map(({ stream, base, events: own }) => inStream(stream, base + own.length));
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
  // Which of the others went through is not known; the same events at the same place count as done.
  return inFlight(owed, (one) => appendOne(events, one));
};

const inStream = (stream: string, own: number, revision = own): InStream => ({ stream, revision, own });

const appendOne = async (store: EventStore, owed: OwedAppend): Promise<InStream> => {
  const { stream, base, events } = owed;
  let expectedRevision = base;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    try {
      await store.append([{ stream, expectedRevision, events }]);
      return inStream(stream, expectedRevision + events.length);
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      if (error.actual < expectedRevision)
        throw olderStore(`ends a stream at ${error.actual}, and it had ${expectedRevision}`);
    }
    const { revision, own } = await readOn(store, owed, expectedRevision);
    if (own !== undefined) return inStream(stream, own, revision);
    expectedRevision = revision;
  }
  throw new EngineError('events', 'retriable', `a stream moved ${ATTEMPTS} times before an append got through`);
};

/** Where what is owed stands by now, if it does. */
export const standsAt = async (store: EventStore, owed: OwedAppend): Promise<number | undefined> =>
  (await readOn(store, owed, owed.base)).own;

const readOn = async (
  store: EventStore,
  { stream, events, isShare }: OwedAppend,
  after: number,
): Promise<{ readonly revision: number; readonly own?: number }> => {
  const own = new Set(events.map(({ id }) => id));
  for (let revision = after; ;) {
    const page = await store.readStream(stream, revision + 1, PAGE);
    const last = page[page.length - 1];
    if (!last) return { revision };
    ({ revision } = last);
    // An append is atomic: one of the events there means all of them there.
    const found = page.findLast((event) => own.has(event.id) || isShare?.(event));
    if (found) return { revision, own: found.revision };
  }
};
