import { describe, expect, it, jest } from '@jest/globals';
import { type Log, type LogRecord } from '@tributary/kernel';
import { type Fault, memoryStore, Mortal, withFaults } from '@tributary/kernel/memory';
import fc from 'fast-check';
import { cases, patience } from '../controls/cases.js';
import { Relay } from './relay.js';

const topic = 'profile-events';
const group = 'relay';
jest.setTimeout(patience(120_000));

const message = (n: number): LogRecord => ({
  key: `customer ${n % 7}`,
  value: new TextEncoder().encode(`{"id":"${n}"}`),
  timestamp_ms: n,
});

const contents = async (log: Log): Promise<readonly (readonly string[])[]> =>
  Promise.all(
    (await log.partitions(topic)).map(async ({ partition }) =>
      (await log.read({ topic, partition }, 0, 10_000)).map(({ value }) => new TextDecoder().decode(value)),
    ),
  );

/** Copies until the relay dies, or all is copied. */
const liveOnce = async (source: Log, target: Log, maxRecords: number, total: number): Promise<void> => {
  const relay = new Relay(source, target, { group, topics: [topic], maxRecords });
  const { done } = relay.start();
  let failed = false;
  done.catch(() => (failed = true));
  while (!failed && ((await source.committed(group, { topic, partition: 0 })) ?? 0) < total)
    await new Promise((resolve) => setImmediate(resolve));
  await relay.stop();
};

describe('a relay', () => {
  it('copies each record once and in order, whatever dies', async () => {
    let deaths = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.record({ after: fc.integer({ min: 0, max: 12 }), fault: fc.constantFrom('before', 'after') }), {
          minLength: 2,
        }),
        async (total, maxRecords, fates) => {
          const [own, foreign] = [memoryStore().log, memoryStore().log];
          await own.ensureTopics([{ name: topic, partitions: 1 }]);
          await foreign.ensureTopics([{ name: topic, partitions: 3 }]);
          await own.append([{ topic, records: Array.from({ length: total }, (_, n) => message(n)) }]);
          for (const { after, fault } of fates) {
            let steps = 0;
            const life = new Mortal((): Fault => (steps++ < after ? 'none' : (fault as Fault)));
            await liveOnce(own, withFaults(foreign, 'log', life), maxRecords, total);
            if (life.dead) deaths += 1;
          }
          await liveOnce(own, foreign, maxRecords, total);
          const there = await contents(foreign);
          expect(there.flat()).toHaveLength(total);
          for (const held of there) {
            const ids = held.map((text) => Number((JSON.parse(text) as { id: string }).id));
            expect(ids).toEqual([...ids].sort((a, b) => a - b));
          }
          expect(new Set(there.flat()).size).toBe(total);
        },
      ),
      cases(100),
    );
    expect(deaths).toBeGreaterThan(100);
  });
});
