import {
  customerNamedAfter,
  type EventStore,
  type Instant,
  type RecordedEvent,
  type SubjectId,
} from '@tributary/kernel';
import { decodeDecision } from '@tributary/contracts';
import { type CustomerEvent, customerStream } from '@tributary/domain';

export interface Decision {
  readonly kind: 'decision';
  readonly event: RecordedEvent;
  readonly decision: CustomerEvent;
}

const STREAMS_AT_ONCE = 500;

/** All decisions in the streams of the customers that are or ever were named after these subjects, as recorded. */
export const readDecisions = async (
  events: EventStore,
  subjects: readonly SubjectId[],
): Promise<readonly Decision[]> => {
  const decisions: Decision[] = [];
  for (let from = 0; from < subjects.length; from += STREAMS_AT_ONCE) {
    const streams = subjects
      .slice(from, from + STREAMS_AT_ONCE)
      .map((subject) => customerStream(customerNamedAfter(subject)));
    for (const recorded of (await events.readStreams(streams)).values())
      for (const event of recorded)
        decisions.push({ kind: 'decision', event, decision: decodeDecision(event.data) as CustomerEvent });
  }
  return decisions.sort((a, b) => a.event.position - b.event.position || a.event.revision - b.event.revision);
};

/** When it became true, in event time; of a course, when its last transition did. */
export const instantOfDecision = ({ decision }: Decision): Instant => {
  switch (decision.type) {
    case 'CourseAdvanced':
      return decision.transitions[decision.transitions.length - 1]?.at ?? 0;
    case 'CourseRevised':
      return decision.transitions[decision.transitions.length - 1]?.at ?? decision.since;
    case 'SubjectsLinked':
    case 'SubjectsReleased':
    case 'LinkRefused':
    case 'ManualLinkMade':
      return decision.at;
    default:
      return decision satisfies never;
  }
};
