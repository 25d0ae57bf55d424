import { describe, expect, it } from '@jest/globals';
import { newCustomer, type Transition } from '@tributary/domain';
import { customerNamedAfter, type Instant, SubjectId } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { explainByCourse } from './explain-by-course.js';

const day = (date: string): Instant => Date.parse(`${date}T00:00:00Z`);
const ann = SubjectId(`s_${'a'.repeat(32)}`);
const customer = newCustomer(customerNamedAfter(ann), [ann]);

const buyer = (from: string | null, to: string, date: string): Transition => ({
  track: 'buyer',
  from,
  to,
  at: day(date),
  evidence: {},
});

const decided = (type: 'CourseAdvanced' | 'CourseRevised', withdrawn: number, ...transitions: Transition[]) => ({
  kind: 'decision',
  decision: { type, customerId: customer.id, withdrawn, since: 0, transitions, rules: 'r', because: [] },
});

const valueSteps = (decisions: readonly object[], asOf: string) =>
  explainByCourse(
    { customer, decisions, at: day('2026-12-01'), version: 9 } as unknown as CustomerCase,
    'lifecycle.buyer.stage',
    { asOf: day(asOf), knownAt: Infinity },
  ).kept.map(({ before, after }) => [before, after]);

describe('explaining a stage', () => {
  // Bought in January; in November, when silence was concluded too, it came to light that the order was cancelled in March.
  const decisions = [
    decided('CourseAdvanced', 0, buyer(null, 'first_time', '2026-01-05')),
    decided('CourseAdvanced', 0, buyer('first_time', 'lapsed', '2026-07-05')),
    decided('CourseRevised', 1, buyer('first_time', 'prospect', '2026-03-05')),
  ];

  it('tells what was withdrawn and what came instead', () => {
    expect(valueSteps(decisions, '2026-12-01')).toEqual([
      [null, 'first_time'],
      ['first_time', 'lapsed'],
      ['lapsed', 'prospect'],
    ]);
  });

  it('ends, at a moment, with the value of that moment, whatever a later revision withdrew', () => {
    expect(valueSteps(decisions, '2026-02-01')).toEqual([[null, 'first_time']]);
  });
});
