import { expect, test } from '@jest/globals';
import { EngineError, StoreFull } from '@tributary/kernel';
import { failureOf } from '@tributary/warehouse';
import { failedBy, thrownThere } from '../platform/thread-failure.js';
import { type Operations, type Verification } from './operations.js';
import { oneAtATime } from './one-at-a-time.js';

const equal: Verification = { outcome: 'equal', equal: true, position: 7, projections: [] };

const until = () => {
  let over!: () => void;
  const done = new Promise<void>((resolve) => (over = resolve));
  return { done, over };
};

const operations = (verified: Promise<void>): Operations => ({
  verify: async () => (await verified, equal),
  rebuild: async () => equal,
  endRetention: async () => ({ topics: 0, records: 0 }),
});

test('given one that is under way, another is refused, and taken when that has ended', async () => {
  const verifying = until();
  const orders = oneAtATime(operations(verifying.done));
  const first = orders.verify();
  await expect(orders.rebuild()).rejects.toMatchObject({ status: 409, code: 'already_running' });
  verifying.over();
  expect(await first).toBe(equal);
  expect(await orders.rebuild()).toBe(equal);
  expect(orders.backup).toBeUndefined();
});

test('given a file that cannot be read, the operator is told which and what to do, and may ask again', async () => {
  const damaged = new EngineError('embedded store', 'fatal', 'database disk image is malformed; restore a backup');
  const orders = oneAtATime({ ...operations(Promise.resolve()), verify: () => Promise.reject(damaged) });
  for (let n = 0; n < 2; n++)
    await expect(orders.verify()).rejects.toMatchObject({
      status: 500,
      code: 'engine_failed',
      message: 'verify was given up: embedded store: database disk image is malformed; restore a backup',
    });
});

test('given keys that are lost, the operator is told so, and by what to go on without them, and not that the store is away', async () => {
  const lost = new EngineError(
    'keys',
    'retriable',
    'the vault lacks the keys of 5 subjects: TRIBUTARY_KEYS_LOST_TO=9284',
  );
  const orders = oneAtATime({ ...operations(Promise.resolve()), rebuild: () => Promise.reject(lost) });
  await expect(orders.rebuild()).rejects.toMatchObject({
    status: 503,
    code: 'engine_unavailable',
    message: 'rebuild was given up: keys: the vault lacks the keys of 5 subjects: TRIBUTARY_KEYS_LOST_TO=9284',
    headers: { 'retry-after': '5' },
  });
});

test.each([
  ['341', 'UNFINISHED', 503],
  ['6', 'CANNOT_PARSE_TEXT', 500],
])(
  'given a statement that ClickHouse fails (%s), the operator is told what, and no value',
  async (code, type, status) => {
    const said = `Code: ${code}. DB::Exception: Cannot parse string '13800001234' as UInt64. (${type}) (version 26.5.1)`;
    // It comes from the warehouse's thread.
    const failure = thrownThere(structuredClone(failedBy(failureOf('clickhouse', said))));
    const orders = oneAtATime({ ...operations(Promise.resolve()), verify: () => Promise.reject(failure) });
    await expect(orders.verify()).rejects.toMatchObject({
      status,
      message: `verify was given up: clickhouse: ${type} (code ${code})`,
    });
  },
);

test('given a full disk, it is told as everywhere', async () => {
  const full = new StoreFull('embedded store');
  const orders = oneAtATime({ ...operations(Promise.resolve()), endRetention: () => Promise.reject(full) });
  await expect(orders.endRetention('test')).rejects.toBe(full);
});

test('given what the platform does by itself, an order waits for it', async () => {
  const own = until();
  let begun = 0;
  const whole = () => ((begun += 1), own.done);
  const orders = oneAtATime(operations(Promise.resolve()), { whole, underWay: async () => undefined });
  // It is what the platform would do by itself.
  expect(await orders.rebuild()).toBe(equal);
  expect(begun).toBe(0);
  let answered = false;
  const asked = orders.verify().then(() => (answered = true));
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(answered).toBe(false);
  own.over();
  expect(await asked).toBe(true);
});
