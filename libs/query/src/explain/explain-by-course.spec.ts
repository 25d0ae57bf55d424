import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson, newCustomer, renderLifecycle, type Transition } from '@tributary/domain';
import { customerNamedAfter, type Instant, SubjectId } from '@tributary/kernel';
import { type CustomerCase } from '../customer-case.js';
import { type Decision } from '../replay/read-decisions.js';
import { explainByCourse, explainByCourseThen } from './explain-by-course.js';
import { valueAt } from './profile-path.js';
import { type Steps } from './steps.js';

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

// Bought in January; in November, when silence was concluded too, it came to light that the order was cancelled in March.
const first = buyer(null, 'first_time', '2026-01-05');
const lapsed = buyer('first_time', 'lapsed', '2026-07-05');
const decisions = [
  decided('CourseAdvanced', 0, first),
  decided('CourseAdvanced', 0, lapsed),
  decided('CourseRevised', 1, buyer('first_time', 'prospect', '2026-03-05')),
];

const caseOf = (course: readonly Transition[], facts: readonly object[] = []) =>
  ({
    customer: { ...customer, course, rules: 'r' },
    decisions,
    facts,
    at: day('2026-12-01'),
    version: 9,
  }) as unknown as CustomerCase;
const told = (steps: Steps) => steps.kept.map(({ before, after, cause }) => [before, after, cause]);

describe('explaining a stage', () => {
  it('tells what was withdrawn and what came instead', async () => {
    expect(told(await explainByCourse(caseOf([]), 'lifecycle.buyer.stage'))).toEqual([
      [null, 'first_time', decisions[0]],
      ['first_time', 'lapsed', decisions[1]],
      ['lapsed', 'prospect', decisions[2]],
    ]);
  });

  it('tells, of a moment, the course of that moment, each transition by the decision that made it', async () => {
    expect(told(await explainByCourseThen(caseOf([first]), 'lifecycle.buyer.stage'))).toEqual([
      [null, 'first_time', decisions[0]],
    ]);
    expect(told(await explainByCourseThen(caseOf([first, lapsed]), 'lifecycle.buyer.stage'))).toEqual([
      [null, 'first_time', decisions[0]],
      ['first_time', 'lapsed', decisions[1]],
    ]);
  });

  it('tells what the rule finds at that moment now, where late facts changed that and not what it came to', async () => {
    const found = (purchases: number) => ({ ...first, evidence: { purchases } });
    const late = caseOf([found(2)]);
    const subject = {
      ...late,
      decisions: [decided('CourseAdvanced', 0, found(1)), decided('CourseRevised', 1, found(2))],
    };
    const steps = await explainByCourse(subject as unknown as CustomerCase, 'lifecycle.buyer.stage');
    expect(steps.kept.map(({ after, transition }) => [after, transition?.evidence])).toEqual([
      ['first_time', { purchases: 2 }],
    ]);
  });

  it('tells what was never recorded by the fact after which it came', async () => {
    const seen = (date: string) => ({ kind: 'fact', event: { id: date }, touchpoint: { occurredAt: day(date) } });
    const [order, later] = [seen('2026-02-01'), seen('2026-02-20')];
    const unseen = buyer('first_time', 'repeat', '2026-02-01');
    expect(told(await explainByCourseThen(caseOf([first, unseen], [later, order]), 'lifecycle.buyer.stage'))).toEqual([
      [null, 'first_time', decisions[0]],
      ['first_time', 'repeat', order],
    ]);
  });

  it('tells a revision that takes several events as one change, by the event that says what it came to', async () => {
    const repeat = buyer('first_time', 'repeat', '2026-03-01');
    const loyal = buyer('repeat', 'loyal', '2026-04-01');
    const [one, two, three] = [
      decided('CourseAdvanced', 0, first),
      decided('CourseRevised', 1, first, repeat),
      decided('CourseRevised', 0, loyal),
    ];
    const subject = { ...caseOf([first, repeat, loyal]), decisions: [one, two, three] } as unknown as CustomerCase;
    expect(told(await explainByCourse(subject, 'lifecycle.buyer.stage'))).toEqual([
      [null, 'first_time', one],
      ['first_time', 'loyal', three],
    ]);
  });
});

/** All of the profile's part rendered anew after each transition, and each of its changes kept. */
const anew = ({ customer: { id }, decisions: told }: CustomerCase, path: string) => {
  const valueAfter = (course: readonly Transition[], rules: string | null): unknown =>
    valueAt({ lifecycle: renderLifecycle({ course, rules }, 200) }, path)?.value ?? null;
  const changes: unknown[] = [];
  let recorded: readonly Transition[] = [];
  let noted = valueAfter(recorded, null);
  const note = (value: unknown, cause: Decision, transition: Transition | undefined): void => {
    if (canonicalJson(value) === canonicalJson(noted)) return;
    changes.push([noted, value, cause, transition]);
    noted = value;
  };
  for (const each of told) {
    const { decision } = each;
    if ((decision.type !== 'CourseAdvanced' && decision.type !== 'CourseRevised') || decision.customerId !== id)
      continue;
    const [first] = decision.transitions;
    const isRestart =
      decision.type === 'CourseAdvanced' &&
      recorded.length > 0 &&
      first?.track === 'relationship' &&
      first.from === null;
    if (isRestart) recorded = [];
    if (decision.type === 'CourseRevised')
      recorded = recorded.slice(0, Math.max(0, recorded.length - decision.withdrawn));
    let last: Transition | undefined;
    let value = valueAfter(recorded, decision.rules);
    for (const transition of decision.transitions) {
      recorded = [...recorded, transition];
      const after = valueAfter(recorded, decision.rules);
      if (canonicalJson(after) !== canonicalJson(value)) last = transition;
      value = after;
      if (decision.type === 'CourseAdvanced' && !isRestart) note(value, each, transition);
    }
    note(value, each, last);
  }
  return changes;
};

it('tells what a slow and simple reading of the decisions tells, however many there are', async () => {
  const transition = fc.record({
    track: fc.constantFrom('relationship' as const, 'buyer' as const),
    from: fc.option(fc.constantFrom('a', 'b')),
    to: fc.constantFrom('a', 'b', 'c'),
    at: fc.nat(1_000_000),
    evidence: fc.constant({}),
  });
  const decision = fc.record({
    type: fc.constantFrom('CourseAdvanced' as const, 'CourseAdvanced' as const, 'CourseRevised' as const),
    withdrawn: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 300 })),
    transitions: fc.array(transition, { maxLength: 12 }),
    rules: fc.constantFrom('r1', 'r2'),
  });
  const paths = [
    '',
    '.history',
    '.history[0].to',
    '.history.7',
    '.buyer.stage',
    '.relationship.since',
    '.rules',
    '.omitted',
  ];
  await fc.assert(
    fc.asyncProperty(fc.array(decision, { maxLength: 30 }), async (all) => {
      const told = all.map((each) => ({
        kind: 'decision',
        decision: { ...each, customerId: customer.id, since: 0, because: [] },
      }));
      const subject = { ...caseOf([]), decisions: told } as unknown as CustomerCase;
      for (const path of paths.map((end) => `lifecycle${end}`)) {
        const steps = await explainByCourse(subject, path);
        const changes = anew(subject, path);
        expect(steps.kept.map(({ before, after, cause, transition: by }) => [before, after, cause, by])).toEqual(
          changes.slice(-50),
        );
        expect(steps.omitted).toBe(Math.max(0, changes.length - 50));
      }
    }),
    { numRuns: 40 },
  );
});

it.each(['', '.history', '.omitted', '.history[199].to'])(
  'tells of lifecycle%s only what is seen there of a course that was revised before what is shown of it',
  async (end) => {
    const at = (n: number, to: string): Transition =>
      buyer(`${n - 1}`, to, new Date(n * 86_400_000).toJSON().slice(0, 10));
    const course = Array.from({ length: 260 }, (_, n) => at(n, `${n}`));
    const revised = Array.from({ length: 12 }, (_, i) =>
      decided('CourseRevised', 255, at(5, `late ${i}`), ...course.slice(6)),
    );
    const further = decided('CourseAdvanced', 0, at(260, 'further'), at(261, 'on'));
    const all = [decided('CourseAdvanced', 0, ...course), ...revised, further];
    const subject = { ...caseOf([]), decisions: all } as unknown as CustomerCase;
    const [steps, changes] = [
      await explainByCourse(subject, `lifecycle${end}`),
      anew(subject, `lifecycle${end}`) as [unknown, unknown, Decision, Transition | undefined][],
    ];
    expect(steps.kept.map(({ before, after, cause, transition }) => [before, after, cause, transition])).toEqual(
      changes.slice(-50),
    );
    expect(steps.omitted).toBe(Math.max(0, changes.length - 50));
  },
);
