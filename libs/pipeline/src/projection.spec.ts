import { describe, expect, it } from '@jest/globals';
import { type AnyTouchpoint, customerStream, type CustomerEvent, subjectStream } from '@tributary/domain';
import { type CustomerId, customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { emptyCensus } from './census.js';
import { type Content, type DecodedAppend } from './decoded.js';
import { foldPage } from './event-page.js';
import { WorkingSet } from './working-set.js';

const subjectOf = (digit: string) => `s_${digit.repeat(32)}` as SubjectId;
const [EMAIL, DEVICE, MEMBER, OTHER] = ['1', '2', '3', '4'].map(subjectOf) as [
  SubjectId,
  SubjectId,
  SubjectId,
  SubjectId,
];
const [OF_EMAIL, OF_MEMBER, OF_OTHER] = [EMAIL, MEMBER, OTHER].map(customerNamedAfter) as [
  CustomerId,
  CustomerId,
  CustomerId,
];
const AT = Date.UTC(2024, 0, 1);

const ordered = (n: number, ...subjects: readonly SubjectId[]): Content => ({
  kind: 'fact',
  touchpoint: {
    channel: 'shop',
    messageId: `m${n}`,
    occurredAt: AT + n,
    receivedAt: AT + n,
    identifiers: subjects.map((subject) => ({ type: 'member_no', value: subject, subject })),
    type: 'order_cancelled',
    payload: { orderId: `o${n}`, amount: null, currency: null, reason: null, lines: [] },
  } satisfies AnyTouchpoint,
});

const linked = (
  customerId: CustomerId,
  subjects: readonly SubjectId[],
  ...absorbed: readonly CustomerId[]
): Content => ({
  kind: 'decision',
  decision: {
    type: 'SubjectsLinked',
    customerId,
    subjects: [...subjects].sort(),
    added: [],
    absorbed,
    at: AT,
    rules: 'r',
    evidence: [],
  } satisfies CustomerEvent,
});

/** Appends of one event each, as they would stand in `$all`. */
const appendsOf = (events: readonly (readonly [stream: string, content: Content])[]): DecodedAppend[] => {
  const revisions = new Map<string, number>();
  return events.map(([stream, content], position) => {
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    return { stream, events: [{ id: `e${position}`, revision, position, recordedAt: AT, content }] };
  });
};

const released = (customerId: CustomerId, subjects: readonly SubjectId[], alone: SubjectId): Content => ({
  kind: 'decision',
  decision: {
    type: 'SubjectsReleased',
    customerId,
    subjects,
    released: [{ customerId: customerNamedAfter(alone), subjects: [alone] }],
    at: AT,
    rules: 'r',
  } satisfies CustomerEvent,
});

const advanced = (customerId: CustomerId): Content => ({
  kind: 'decision',
  decision: {
    type: 'CourseAdvanced',
    customerId,
    transitions: [{ track: 'buyer', from: null, to: 'first_time', at: AT, evidence: { purchases: 1 } }],
    rules: 'r',
    because: [],
  } satisfies CustomerEvent,
});

const erased = (subject: SubjectId, members: readonly SubjectId[]): Content => ({
  kind: 'erased',
  erased: { type: 'SubjectErased', subject, members, at: AT, commandId: 'c' },
});

const unreadable: Content = { kind: 'unreadable', keyId: '0'.repeat(16) };

const projected = async (events: Parameters<typeof appendsOf>[0]): Promise<WorkingSet> => {
  const set = new WorkingSet(memoryStore().documents, 150);
  await foldPage(set, emptyCensus(), appendsOf(events));
  return set;
};

describe('the projection', () => {
  it('forgets a member of an erased customer wherever it has come to since the erasure was ordered', async () => {
    const members = [EMAIL, DEVICE, MEMBER];
    const set = await projected([
      [subjectStream(EMAIL), ordered(1, EMAIL, DEVICE)],
      [customerStream(OF_EMAIL), linked(OF_EMAIL, [EMAIL, DEVICE])],
      [subjectStream(MEMBER), ordered(2, MEMBER, DEVICE)],
      [customerStream(OF_EMAIL), linked(OF_EMAIL, members, OF_MEMBER)],
      // Ordered here: erase those three. On their way already: two of them belong to somebody else.
      [subjectStream(OTHER), ordered(3, OTHER, EMAIL)],
      [customerStream(OF_OTHER), linked(OF_OTHER, [OTHER, EMAIL, DEVICE], OF_EMAIL)],
      [customerStream(OF_MEMBER), linked(OF_MEMBER, [MEMBER])],
      [subjectStream(EMAIL), erased(EMAIL, members)],
      [subjectStream(MEMBER), erased(MEMBER, members)],
    ]);

    expect(set.customer(OF_OTHER)?.subjects).toEqual([OTHER]);
    expect(set.subject(DEVICE)).toBeUndefined();
    expect(set.customer(OF_MEMBER)).toBeUndefined();
    expect(set.customer(OF_EMAIL)).toBeUndefined();
  });

  it('comes to the same customer, with no stage, where another remains of an erased one, live and in a rebuild', async () => {
    const customer = customerNamedAfter(DEVICE);
    const members = [DEVICE, EMAIL];
    const lived = (first: Content) =>
      projected([
        [subjectStream(EMAIL), first],
        [customerStream(customer), linked(customer, members, OF_EMAIL)],
        [customerStream(customer), advanced(customer)],
        // Ordered here: erase both, of whom the device has done nothing yet. On its way already: it has.
        [subjectStream(DEVICE), ordered(2, DEVICE)],
        [subjectStream(EMAIL), erased(EMAIL, members)],
      ]);
    const live = await lived(ordered(1, EMAIL, DEVICE));
    const rebuilt = await lived(unreadable);
    for (const set of [live, rebuilt])
      expect(set.customer(customer)).toEqual({
        id: customer,
        subjects: [DEVICE],
        course: [],
        rules: null,
        revisions: 0,
      });
  });

  it('knows nobody whom only what was erased has named, live and in a rebuild', async () => {
    const lived = (first: Content, second: Content) =>
      projected([
        [subjectStream(OTHER), ordered(1, OTHER)],
        [subjectStream(EMAIL), first],
        [subjectStream(MEMBER), second],
        [customerStream(OF_OTHER), linked(OF_OTHER, [OTHER, DEVICE])],
        [subjectStream(EMAIL), erased(EMAIL, [EMAIL])],
        [customerStream(OF_OTHER), released(OF_OTHER, [OTHER], DEVICE)],
        [subjectStream(MEMBER), erased(MEMBER, [MEMBER])],
      ]);
    const live = await lived(ordered(2, EMAIL, DEVICE), ordered(3, MEMBER, DEVICE));
    const rebuilt = await lived(unreadable, unreadable);
    for (const set of [live, rebuilt]) {
      const [written] = [...set.writes(10)].filter(({ kind, key }) => kind === 'subject' && key === DEVICE);
      expect(written).toMatchObject({ body: null });
      expect(set.customer(customerNamedAfter(DEVICE))).toBeUndefined();
      expect(set.customer(OF_OTHER)?.subjects).toEqual([OTHER]);
    }
  });

  it('forgets an identifier that only its owner’s sealed facts had named, live and in a rebuild', async () => {
    const customer = customerNamedAfter(DEVICE);
    const members = [DEVICE, EMAIL];
    const lived = (first: Content, order: readonly SubjectId[]) =>
      projected([
        [subjectStream(EMAIL), first],
        [customerStream(customer), linked(customer, members, OF_EMAIL)],
        [customerStream(customer), advanced(customer)],
        [subjectStream(OTHER), ordered(2, OTHER, DEVICE)],
        ...order.map((id) => [subjectStream(id), erased(id, members)] as const),
      ]);
    const texts = (set: WorkingSet) => [...set.writes(10)].map(({ kind, key, body }) => ({ kind, key, body }));
    for (const order of [members, [EMAIL, DEVICE]]) {
      const live = await lived(ordered(1, EMAIL, DEVICE), order);
      const rebuilt = await lived(unreadable, order);
      expect(live.customer(customer)).toBeUndefined();
      expect(live.subject(DEVICE)).toMatchObject({ revision: 0, decided: 1, links: [] });
      expect(live.subject(OTHER)).toMatchObject({ links: [], state: { identifiers: [[OTHER, expect.anything()]] } });
      const inOrder = (set: WorkingSet) => texts(set).sort((a, b) => (a.kind + a.key < b.kind + b.key ? -1 : 1));
      expect(inOrder(rebuilt)).toEqual(inOrder(live));
    }
  });

  it('keeps the stages of a customer that once held who is erased, live and in a rebuild', async () => {
    const customer = customerNamedAfter(DEVICE);
    const lived = (first: Content) =>
      projected([
        [subjectStream(EMAIL), first],
        [customerStream(customer), linked(customer, [DEVICE, EMAIL], OF_EMAIL)],
        // Of what the device did when it was the same person as the e-mail: by then, nothing of its own.
        [customerStream(customer), advanced(customer)],
        [subjectStream(DEVICE), ordered(1, DEVICE)],
        [customerStream(customer), released(customer, [DEVICE], EMAIL)],
        [subjectStream(EMAIL), erased(EMAIL, [EMAIL])],
      ]);
    const live = await lived(ordered(1, EMAIL, DEVICE));
    const rebuilt = await lived(unreadable);
    for (const set of [live, rebuilt]) {
      expect(set.customer(customer)).toMatchObject({ subjects: [DEVICE], course: [{ to: 'first_time' }] });
      expect(set.customer(OF_EMAIL)).toBeUndefined();
    }
    const texts = (set: WorkingSet) => [...set.writes(10)].map(({ kind, key, body }) => ({ kind, key, body }));
    expect(texts(rebuilt)).toEqual(texts(live));
  });

  it('lets nobody be absorbed with members that the decision did not know of', async () => {
    const customer = customerNamedAfter(DEVICE);
    const set = await projected([
      [subjectStream(EMAIL), ordered(1, EMAIL)],
      [subjectStream(DEVICE), ordered(2, DEVICE)],
      [customerStream(OF_EMAIL), linked(OF_EMAIL, [EMAIL, DEVICE], customer)],
      // On its way meanwhile, and on its way since before that: the device for itself, when it was all that there was.
      [subjectStream(MEMBER), ordered(3, MEMBER)],
      [customerStream(OF_EMAIL), linked(OF_EMAIL, [EMAIL, DEVICE, MEMBER], OF_MEMBER)],
      [customerStream(customer), linked(customer, [DEVICE, EMAIL], OF_EMAIL)],
    ]);
    expect(set.customer(OF_EMAIL)?.subjects).toEqual([MEMBER]);
    expect(set.customer(customer)?.subjects).toEqual([EMAIL, DEVICE]);
  });
});
