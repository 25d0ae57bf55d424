import { describe, expect, it } from '@jest/globals';
import { type CustomerId, type SubjectId } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { WorkingSet } from './working-set.js';

describe('the working set', () => {
  it('writes a customer that changed right after its due time did', async () => {
    const { documents } = memoryStore();
    const set = new WorkingSet(documents, 15);
    const id = 'c_1' as CustomerId;
    await set.loadCustomers([id]);
    const settle = async (position: number): Promise<void> => {
      await documents.put([...set.writes(position)]);
      set.settled();
    };
    set.customerOrNew(id, ['s_1' as SubjectId]);
    set.touchCustomer(id, 7);
    await settle(7);
    // The timer rings, and no event comes of it.
    set.courseAsked(id, 1_000);
    await settle(7);
    expect(await documents.due('customer', 1_000, 10)).toEqual([{ key: id, due_ms: 1_000 }]);
    // The very next event of all is this customer's.
    set.customerOrNew(id, []).rules = 'v2';
    set.touchCustomer(id, 8);
    await settle(8);
    expect((await documents.get('customer', [id]))[0]?.body).toContain('"rules":"v2"');
  });
});
