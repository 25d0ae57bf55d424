import { describe, expect, it } from '@jest/globals';
import {
  activityText,
  customerText,
  newCustomer,
  newSubject,
  type SubjectRecord,
  subjectText,
} from '@tributary/domain';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { identifierOf } from './controls/desk.js';
import { identityRules, NOW } from './controls/town.js';
import { decideIdentity } from './decide-identity.js';
import { WorkingSet } from './working-set.js';

describe('deciding who is one customer', () => {
  it('tells a customer of a subject that is its own already, and that it does not hold', async () => {
    const { documents } = memoryStore();
    const [first, second] = ['+8613900138777', '+8613900138778']
      .map((value) => identifierOf('phone', value).subject)
      .sort();
    if (!first || !second) throw new Error('two phones');
    const id = customerNamedAfter(first);
    const word = { kind: 'merge' as const, a: first, b: second, at: NOW, id: 'c1' };
    const subjects = [first, second].map((subject): SubjectRecord => ({
      ...newSubject(subject, 'phone', id),
      manual: [word],
    }));
    await documents.put([
      ...subjects.map((record) => ({
        kind: 'subject' as const,
        key: record.id,
        version: 1,
        body: subjectText(record),
      })),
      // It began again with whoever was heard of first: nobody had stood for it, so there was no record of it.
      { kind: 'customer', key: id, version: 1, body: customerText(newCustomer(id, [first])) },
    ]);
    const set = new WorkingSet(documents, 15);
    const decided = await decideIdentity(set, new Set([first]), new Set(), identityRules, NOW);
    expect(decided).toMatchObject([
      { customerId: id, event: { type: 'SubjectsLinked', subjects: [first, second], added: [second], absorbed: [] } },
    ]);
  });

  it.each([
    ['nobody', 0, [], ['CourseRevised', 'SubjectsReleased']],
    ['somebody', 1, [], ['SubjectsReleased']],
    ['somebody, beside what was only named,', 1, ['c@example.com'], ['SubjectsReleased']],
  ])(
    'takes the course back of a customer in whom a release leaves %s with a touchpoint',
    async (_who, own, alsoNamed, types) => {
      const { documents } = memoryStore();
      const [named, goes] = ['a@example.com', 'b@example.com'].map((value) => identifierOf('email', value).subject);
      if (!named || !goes) throw new Error('two addresses');
      const id = customerNamedAfter(named);
      const apart = { kind: 'keep_apart' as const, a: named, b: goes, at: NOW, id: 'c1' };
      const seen = (subject: SubjectId, touchpoints: number): SubjectRecord => {
        const record = { ...newSubject(subject, 'email', id), manual: [apart] };
        return { ...record, state: { ...record.state, touchpoints, first: NOW, last: NOW } };
      };
      const transition = { track: 'buyer', from: null, to: 'prospect', at: NOW - 7, evidence: {} } as const;
      const silent = alsoNamed.map((value) => identifierOf('email', value).subject);
      const customer = {
        ...newCustomer(id, [named, goes, ...silent].sort()),
        course: [transition],
        rules: 'lifecycle-1',
      };
      await documents.put([
        ...[seen(named, own), seen(goes, 1)].map((record) => ({
          kind: 'subject' as const,
          key: record.id,
          version: 1,
          body: subjectText(record),
        })),
        ...[seen(named, own), seen(goes, 1)].map((record) => ({
          kind: 'activity' as const,
          key: record.id,
          version: 1,
          body: activityText(record),
        })),
        ...silent.map((subject) => ({
          kind: 'subject' as const,
          key: subject,
          version: 1,
          body: subjectText(newSubject(subject, 'email', id)),
        })),
        { kind: 'customer', key: id, version: 1, body: customerText(customer) },
      ]);
      const decided = await decideIdentity(
        new WorkingSet(documents, 15),
        new Set([named]),
        new Set(),
        identityRules,
        NOW,
      );
      expect(decided.map(({ event }) => event.type)).toEqual(types);
      if (own === 0)
        expect(decided[0]).toMatchObject({
          customerId: id,
          event: { since: NOW - 7, withdrawn: 1, transitions: [], rules: 'lifecycle-1' },
        });
    },
  );
});
