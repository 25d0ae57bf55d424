import { type CustomerId, customerNamedAfter, namesakeOf, type SubjectId } from '@tributary/kernel';
import { customerStream } from '@tributary/domain';
import { type Decision } from './read-decisions.js';

interface Whom {
  readonly id: CustomerId;
  readonly subjects: readonly SubjectId[];
}

/**
 * Those decisions that are about a customer or its subjects, in the order given. An erased subject takes along what was
 * decided under its name and what was said of it before: whoever has its identifier next is somebody else.
 *
 * @param erasedAt of the subjects that were erased, the position of the last erasure
 */
export const decisionsAbout = (
  { id, subjects }: Whom,
  decisions: readonly Decision[],
  erasedAt: ReadonlyMap<SubjectId, number>,
): readonly Decision[] => {
  const members = new Set(subjects);
  const namesakes = new Map(subjects.map((subject) => [customerStream(customerNamedAfter(subject)), subject]));
  return decisions.filter((made) => {
    const stands = (subject: SubjectId): boolean => made.event.position > (erasedAt.get(subject) ?? -1);
    const namesake = namesakes.get(made.event.stream);
    return namesake === undefined
      ? isAbout(made, id, (subject) => stands(subject) && (members.has(subject) || subject === namesakeOf(id)))
      : stands(namesake);
  });
};

/** Of a decision in the stream of another customer. */
const isAbout = ({ decision }: Decision, id: CustomerId, isOurs: (subject: SubjectId) => boolean): boolean => {
  switch (decision.type) {
    case 'ManualLinkMade':
    case 'LinkRefused':
      return isOurs(decision.a) || isOurs(decision.b);
    case 'SubjectsReleased':
      return isOurs(namesakeOf(id)) && decision.released.some((group) => group.customerId === id);
    case 'SubjectsLinked':
    case 'CourseAdvanced':
    case 'CourseRevised':
      return false;
    default:
      return decision satisfies never;
  }
};
