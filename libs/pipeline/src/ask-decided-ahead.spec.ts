import { expect, it } from '@jest/globals';
import { customerText, newCustomer, type Transition } from '@tributary/domain';
import { type CustomerId, DAY_MS, settableClock, type StoredDocument } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { AskDecidedAhead } from './ask-decided-ahead.js';
import { ProcessingTime } from './processing-time.js';

const NOW = Date.UTC(2026, 0, 1);

it('asks whoever was decided for a time to come, page by page, once', async () => {
  const { documents } = memoryStore();
  const keys = Array.from({ length: 1_001 }, (_, n) => `c${String(n).padStart(4, '0')}` as CustomerId);
  const ahead = new Set([keys[0], keys[499], keys[500], keys[1_000]]);
  await documents.replace(
    keys.map((key) => {
      const at = ahead.has(key) ? NOW + 1 : NOW;
      const course = [{ track: 'relationship' as const, from: null, to: 'exit', at, evidence: {} }];
      return { kind: 'customer', key, version: 0, body: customerText({ ...newCustomer(key, []), course }) };
    }),
  );
  let must = true;
  const time = {
    get mustAskAgain() {
      return must;
    },
    askedAgain: () => void (must = false),
    timesAhead: 1,
    latest: settableClock(NOW).now,
  };
  const asking = new AskDecidedAhead(documents, time);
  const asked: CustomerId[] = [];
  for (let page = await asking.next(); page !== null; page = await asking.next()) asked.push(...page);
  expect(asked).toEqual([...ahead]);
  expect([must, await asking.next()]).toEqual([false, null]);
});

const YEAR_MS = 365 * DAY_MS;

const found = (key: string): StoredDocument => {
  const nobody = newCustomer(key as CustomerId, []);
  const course: Transition[] = [{ track: 'relationship', from: null, to: 'exit', at: NOW + YEAR_MS, evidence: {} }];
  return { key, version: 0, body: customerText({ ...nobody, course }) };
};

it('looks at everybody anew where the clock was ahead once more meanwhile', async () => {
  const clock = settableClock(NOW);
  const time = new ProcessingTime(clock);
  await time.begin(memoryStore().documents);
  const pages = new Map([
    ['', [found('c_1')]],
    ['c_1', [found('c_2')]],
  ]);
  const ahead = new AskDecidedAhead({ scan: async (_, after) => pages.get(after) ?? [] }, time);
  const leap = (to: number): void => {
    clock.set(to);
    time.now();
  };
  leap(NOW + 2 * YEAR_MS);
  leap(NOW);
  leap(NOW + 2 * YEAR_MS);
  // By that clock what was decided for next year has come.
  expect(await ahead.next()).toEqual([]);
  leap(NOW);
  expect(await ahead.next()).toEqual(['c_1']);
  expect(await ahead.next()).toEqual(['c_2']);
  expect(await ahead.next()).toBeNull();
  expect(time.mustAskAgain).toBe(false);
});
