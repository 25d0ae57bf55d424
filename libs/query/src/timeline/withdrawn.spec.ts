import { expect, test } from '@jest/globals';
import { type CustomerEvent, type Transition } from '@tributary/domain';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { type Decision } from '../replay/read-decisions.js';
import { withdrawnIn } from './withdrawn.js';

const [a, b] = ['s_a', 's_b'].map((id) => customerNamedAfter(id as SubjectId)) as [
  ReturnType<typeof customerNamedAfter>,
  ReturnType<typeof customerNamedAfter>,
];
const to = (stage: string): Transition => ({ track: 'buyer', from: null, to: stage, at: 1, evidence: {} }) as never;
const said = (...decisions: readonly CustomerEvent[]): Decision[] =>
  decisions.map((decision, position) => ({ kind: 'decision', event: { position }, decision }) as never);
const advanced = (customerId: typeof a, ...transitions: readonly Transition[]): CustomerEvent => ({
  ...{ type: 'CourseAdvanced', customerId, transitions, rules: 'r', because: [] },
});
const revised = (customerId: typeof a, withdrawn: number, ...transitions: readonly Transition[]): CustomerEvent => ({
  ...{ type: 'CourseRevised', customerId, since: 1, withdrawn, transitions, rules: 'r', because: [] },
});

test('the last of a course are those that a revision takes back, also of the one before it', () => {
  const [one, two, three, four, five] = ['one', 'two', 'three', 'four', 'five'].map(to) as [
    ...[Transition, Transition, Transition, Transition, Transition],
  ];
  expect([...withdrawnIn(said(advanced(a, one, two), revised(a, 1, three, four), revised(a, 2, five)))]).toEqual([
    ...[two, three, four],
  ]);
});

test('each customer has a course of its own; more than there is cannot be taken back', () => {
  const [mine, theirs] = [to('mine'), to('theirs')];
  expect([...withdrawnIn(said(advanced(a, mine), advanced(b, theirs), revised(b, 3)))]).toEqual([theirs]);
});

test('of a customer who became part of another nothing holds', () => {
  const [before, after] = [to('before'), to('after')];
  const joined: CustomerEvent = {
    ...{ type: 'SubjectsLinked', customerId: b, subjects: [], added: [], absorbed: [a], at: 1, rules: 'r' },
    evidence: [],
  };
  // Parted again it begins anew.
  expect([...withdrawnIn(said(advanced(a, before), joined, advanced(a, after)))]).toEqual([before]);
});
