import { type Transition } from '@tributary/domain';
import { type CustomerId } from '@tributary/kernel';
import { type Decision } from '../replay/read-decisions.js';

/**
 * The transitions that hold no more: a revision took them back, or their customer became part of another, whose course was then
 * decided from all of it. `decisions` in the order in which they were recorded, all that are about a customer.
 */
export const withdrawnIn = (decisions: readonly Decision[]): ReadonlySet<Transition> => {
  const withdrawn = new Set<Transition>();
  const courses = new Map<CustomerId, Transition[]>();
  const courseOf = (id: CustomerId): Transition[] => {
    const course = courses.get(id) ?? [];
    courses.set(id, course);
    return course;
  };
  const takeBack = (course: Transition[], count: number): void => {
    // Of a course that only erased facts knew of, less may be there than is taken back.
    for (const transition of course.splice(Math.max(0, course.length - count))) withdrawn.add(transition);
  };
  for (const { decision } of decisions)
    switch (decision.type) {
      case 'CourseRevised':
        takeBack(courseOf(decision.customerId), decision.withdrawn);
        courseOf(decision.customerId).push(...decision.transitions);
        break;
      case 'CourseAdvanced':
        courseOf(decision.customerId).push(...decision.transitions);
        break;
      case 'SubjectsLinked':
        for (const id of decision.absorbed) takeBack(courseOf(id), Infinity);
        break;
      case 'SubjectsReleased':
      case 'LinkRefused':
      case 'ManualLinkMade':
        break;
      default:
        decision satisfies never;
    }
  return withdrawn;
};
