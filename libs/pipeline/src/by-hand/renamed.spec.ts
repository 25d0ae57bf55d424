import { expect, it } from '@jest/globals';
import { type CustomerRecord } from '@tributary/domain';
import { customerNamedAfter, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { identifierOf, type Named } from '../controls/desk.js';
import { identityRules } from '../controls/town.js';
import { WorkingSet } from '../working-set.js';
import { joining } from './joining.js';
import { parting } from './parting.js';

const order = { at: 1, id: 'o' };
const subjectOf = (...[type, value]: Named[number]): SubjectId => identifierOf(type, value).subject;
const gone = subjectOf('email', 'gone@example.com');
const member = subjectOf('member_no', 'MA');
const phone = subjectOf('phone', '+8613900138777');
const other = subjectOf('member_no', 'MB');

/** A customer whom an erased address gave the name, before it is told by which it is called from now on; and another one. */
const renamedSoon = async (): Promise<{ set: WorkingSet; customer: CustomerRecord; second: CustomerRecord }> => {
  const set = new WorkingSet(memoryStore().documents);
  const [former, named] = [customerNamedAfter(gone), customerNamedAfter(other)];
  await set.loadSubjects([gone, member, phone, other]);
  await set.loadCustomers([former, named]);
  set.subjectOrNew(other, 'member_no');
  for (const [id, type, tied] of [
    [member, 'member_no', phone],
    [phone, 'phone', member],
  ] as const) {
    const record = set.subjectOrNew(id, type);
    record.customer = former;
    record.links.push([tied, { at: 0, id: 'e', known: 0, type: tied === phone ? 'phone' : 'member_no' }]);
  }
  return { set, customer: set.customerOrNew(former, [member, phone]), second: set.customerOrNew(named, [other]) };
};

it('merges a customer whose namesake is not of it any more, by who most surely is the person', async () => {
  const { set, customer, second } = await renamedSoon();
  expect(await joining(customer, second, order, set, identityRules)).toEqual([{ a: member, b: other }]);
  expect(await joining(second, customer, order, set, identityRules)).toEqual([{ a: other, b: member }]);
});

it('and parts a subject from it likewise', async () => {
  const { set, customer } = await renamedSoon();
  const { words } = await parting(customer, phone, gone, order, set, identityRules);
  expect(words).toEqual([{ kind: 'keep_apart', a: phone, b: member }]);
});
