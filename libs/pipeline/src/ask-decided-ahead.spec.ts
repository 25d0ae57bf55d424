import { expect, it } from '@jest/globals';
import { customerText, newCustomer } from '@tributary/domain';
import { type CustomerId, settableClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { AskDecidedAhead } from './ask-decided-ahead.js';

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
    latest: settableClock(NOW).now,
  };
  const asking = new AskDecidedAhead(documents, time);
  const asked: CustomerId[] = [];
  for (let page = await asking.next(); page !== null; page = await asking.next()) asked.push(...page);
  expect(asked).toEqual([...ahead]);
  expect([must, await asking.next()]).toEqual([false, null]);
});
