import { encodeDecision } from '@tributary/contracts';
import { customerStream } from '@tributary/domain';
import {
  type Append,
  type CustomerId,
  type EventStore,
  type Instant,
  namesakeOf,
  type NewEvent,
  WrongExpectedRevision,
} from '@tributary/kernel';
import { type Decided } from '../decide-identity.js';
import { pairKey } from '../subjects-named.js';
import { decisionId } from '../unit.js';
import { type WorkingSet } from '../working-set.js';
import { appendOwed, type InStream, type OwedAppend } from './append-owed.js';
import { inFlight } from '../in-flight.js';

/** Revision of the last decision on a customer that the documents know. Its namesake must be loaded. */
export const decidedOf = (set: WorkingSet, id: CustomerId): number => set.subject(namesakeOf(id))?.decided ?? -1;

/**
 * Appends decisions at the revision from which they were made, and answers whose stand there now. A conflict means that
 * the stream holds something that we have not read yet: it will come, the customer will be looked at again, so nothing is
 * forced. The id is of place and content: another decision at the same place is a conflict, the same one is not.
 */
export const appendDecisions = async (
  events: EventStore,
  set: WorkingSet,
  decisions: readonly Decided[],
  now: Instant,
): Promise<ReadonlySet<CustomerId>> => {
  const grouped = new Map<CustomerId, (Append & { readonly events: NewEvent[] })[]>();
  for (const { customerId, event } of decisions) {
    const own = grouped.get(customerId) ?? [];
    grouped.set(customerId, own);
    const data = encodeDecision(event);
    const stream = customerStream(customerId);
    const last = own[own.length - 1];
    const end = last ? last.expectedRevision + last.events.length : decidedOf(set, customerId);
    const made = {
      id: decisionId(`${stream}/${new TextDecoder().decode(data)}`, end + 1),
      type: event.type,
      data,
      metadata: { recordedAt: now },
    };
    if (last && bytesOf(last.events) + data.length <= MOST_BYTES) last.events.push(made);
    else own.push({ stream, expectedRevision: end, events: [made] });
  }
  if (grouped.size === 0) return new Set();
  const ids = [...grouped.keys()];
  const groups = [...grouped.values()];
  const isOneEach = groups.every((appends) => appends.length === 1);
  if (isOneEach && (await got(events, groups.flat()))) return new Set(ids);
  const through = await inFlight(groups, (appends) => gotAll(events, appends));
  return new Set(ids.filter((_, i) => through[i]));
};

/** An engine takes about a megabyte at once by default. */
const MOST_BYTES = 400 * 1024;

const bytesOf = (events: readonly NewEvent[]): number => events.reduce((sum, { data }) => sum + data.length, 0);

/**
 * One after the other, of one stream. A crash in between leaves a decision that is half told: when that comes back, its customer is
 * looked at again, and the rest is decided.
 */
const gotAll = async (events: EventStore, appends: readonly Append[]): Promise<boolean> => {
  for (const append of appends) if (!(await got(events, [append]))) return false;
  return true;
};

const got = async (events: EventStore, appends: readonly Append[]): Promise<boolean> => {
  try {
    await events.append(appends);
    return true;
  } catch (error) {
    if (error instanceof WrongExpectedRevision) return false;
    throw error;
  }
};

/** Refusals change nothing that is decided later, so they need no revision; each is told once. Answers where each stands, at the latest. */
export const appendRefusals = async (
  events: EventStore,
  set: WorkingSet,
  refusals: readonly Decided[],
  now: Instant,
): Promise<readonly InStream[]> => {
  const owed: OwedAppend[] = [];
  for (const { customerId, event } of refusals) {
    if (event.type !== 'LinkRefused') continue;
    const stream = customerStream(customerId);
    const what = `${stream}/refused/${pairKey(event.a, event.b)}/${event.touchpoint}/${event.reason}`;
    owed.push({
      stream,
      base: decidedOf(set, customerId),
      events: [
        {
          id: decisionId(what, event.at),
          type: event.type,
          data: encodeDecision(event),
          metadata: { recordedAt: now },
        },
      ],
    });
  }
  return appendOwed(events, owed);
};
