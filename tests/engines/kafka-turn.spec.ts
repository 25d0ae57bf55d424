import { afterEach, expect, test } from '@jest/globals';
import { type KafkaLog, openKafkaLog } from '@tributary/kafka';
import { engine } from './engine.js';
import { until } from './until.js';

engine('TRIBUTARY_TEST_KAFKA_URL', (url) => {
  const open: KafkaLog[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map((log) => log.close()));
  });

  const member = async (name: string, topic: string) => {
    const log = await openKafkaLog({ url, session_timeout_ms: 6_000 });
    open.push(log);
    await log.ensureTopics([{ name: topic, partitions: 1 }]);
    return log.turn(name, topic);
  };
  const unique = (): string => Math.random().toString(36).slice(2, 8);

  test('one has the turn; who joins does not take it, who leaves passes it on', async () => {
    const [name, topic] = [`turn-${unique()}`, `turn-${unique()}`];
    const first = await member(name, topic);
    await until(() => first.current() !== null);
    const had = first.current();
    const others = [await member(name, topic), await member(name, topic), await member(name, topic)];
    // Long enough for every one of them to have joined, and for a session to end.
    for (const late_ms = performance.now() + 8_000; performance.now() < late_ms;) {
      expect(others.filter((one) => one.current() !== null)).toEqual([]);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    expect(first.current()).toBe(had);
    await first.stop();
    expect(first.current()).toBeNull();
    await until(() => others.some((one) => one.current() !== null));
    expect(others.filter((one) => one.current() !== null)).toHaveLength(1);
    await Promise.all(others.map((one) => one.stop()));
  }, 60_000);
});
