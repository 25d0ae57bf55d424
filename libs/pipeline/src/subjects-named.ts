import { type CustomerEvent, subjectOfStream } from '@tributary/domain';
import { namesakeOf, type SubjectId } from '@tributary/kernel';
import { type DecodedAppend } from './decoded.js';

/** Of a subject that only a command has named so far. */
export const UNKNOWN_TYPE = 'unknown';

/** Every subject that these appends read or change. */
export const subjectsNamedIn = (appends: readonly DecodedAppend[]): ReadonlySet<SubjectId> => {
  const ids = new Set<SubjectId>();
  for (const { stream, events } of appends) {
    const subject = subjectOfStream(stream);
    if (subject !== null) ids.add(subject);
    for (const { content } of events) {
      if (content.kind === 'fact') for (const identifier of content.touchpoint.identifiers) ids.add(identifier.subject);
      else if (content.kind === 'sum') for (const link of content.sum.links) ids.add(link.subject);
      else if (content.kind === 'erased') for (const id of content.erased.members) ids.add(id);
      else if (content.kind === 'decision') for (const id of subjectsOfDecision(content.decision)) ids.add(id);
    }
  }
  return ids;
};

export const pairKey = (a: SubjectId, b: SubjectId): string => (a < b ? `${a}|${b}` : `${b}|${a}`);

export const subjectsOfDecision = (decision: CustomerEvent): readonly SubjectId[] => {
  switch (decision.type) {
    case 'SubjectsLinked':
      return [...decision.subjects, ...decision.absorbed.map(namesakeOf), namesakeOf(decision.customerId)];
    case 'SubjectsReleased':
      return [
        ...decision.subjects,
        ...decision.released.flatMap((group) => [...group.subjects, namesakeOf(group.customerId)]),
        namesakeOf(decision.customerId),
      ];
    case 'ManualLinkMade':
      return [decision.a, decision.b];
    case 'LinkRefused':
      return [decision.a, decision.b, namesakeOf(decision.customerId)];
    case 'CourseAdvanced':
    case 'CourseRevised':
      return [namesakeOf(decision.customerId)];
    default:
      return decision satisfies never;
  }
};
