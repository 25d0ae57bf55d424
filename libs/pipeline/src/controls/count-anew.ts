import { parseCustomer, type Track, tracks } from '@tributary/domain';
import { type DocumentStore } from '@tributary/kernel';
import { type Census } from '../census.js';

/** How many customers there are, and where they stand, by looking at each: what the census keeps without looking at any. */
export const countAnew = async (
  documents: Pick<DocumentStore, 'scan'>,
): Promise<Pick<Census, 'customers' | 'standing'>> => {
  const all = await documents.scan('customer', '', 10_000);
  const standing: Record<Track, Record<string, number>> = { relationship: {}, buyer: {}, tier: {} };
  for (const { body } of all) {
    const { course } = parseCustomer(body);
    for (const track of tracks) {
      const stage = course.findLast((transition) => transition.track === track)?.to;
      if (stage !== undefined) standing[track][stage] = (standing[track][stage] ?? 0) + 1;
    }
  }
  return { customers: all.length, standing };
};
