import { describe, expect, it } from '@jest/globals';
import { customerText, newCustomer, newSubject, type SubjectRecord, subjectText } from '@tributary/domain';
import { customerNamedAfter } from '@tributary/kernel';
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
});
