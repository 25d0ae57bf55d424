import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { EngineError, settableClock } from '@tributary/kernel';
import { memoryStore } from '@tributary/kernel/memory';
import { LookForSilence } from './look-for-silence.js';
import { ProcessingTime } from './processing-time.js';

const NOW = Date.UTC(2026, 0, 1);

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** So many are due, and asked one by one. */
const world = async (due: number, look: () => Promise<boolean> = async () => true) => {
  const { documents } = memoryStore();
  const key = (n: number): string => `c_${n}`;
  await documents.replace(
    Array.from({ length: due }, (_, n) => ({ kind: 'customer', key: key(n), version: 0, body: '{}', due_ms: NOW })),
  );
  const seen = { asked: 0, looks: 0, inHand: false, errors: [] as unknown[], onAsked: () => undefined as void };
  const silence = new LookForSilence({
    documents,
    time: new ProcessingTime(settableClock(NOW)),
    intake: { look: () => ((seen.looks += 1), look()) },
    isAtRest: () => !seen.inHand,
    ask: async (mayStill) => {
      if (!mayStill() || seen.asked === due) return false;
      await documents.replace([{ kind: 'customer', key: key(seen.asked++), version: 0, body: null }]);
      seen.onAsked();
      return true;
    },
    onError: (error) => seen.errors.push(error),
  });
  silence.begin();
  return { silence, seen };
};

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

describe('silence', () => {
  it('is looked for once what waited has had a moment to be read, of all who are due', async () => {
    const { silence, seen } = await world(3);
    await pass(900);
    expect(seen.asked).toBe(0);
    await pass(500);
    expect(seen.asked).toBe(3);
    silence.stop();
  });

  it('asks the log nothing while nobody is due', async () => {
    const { silence, seen } = await world(0);
    await pass(5_000);
    expect(seen.looks).toBe(0);
    silence.stop();
  });

  it('is looked for every second where input never pauses', async () => {
    const { silence, seen } = await world(2);
    const talking = setInterval(() => silence.interrupted(performance.now()), 20);
    seen.inHand = true;
    await pass(2_500);
    expect(seen).toMatchObject({ asked: 2, errors: [] });
    clearInterval(talking);
    silence.stop();
  });

  it('is not concluded while more waits than has just come, or the log cannot say', async () => {
    const answers = [async () => false, () => Promise.reject(new EngineError('log', 'retriable', 'is away'))];
    for (const look of answers) {
      const { silence, seen } = await world(1, look);
      await pass(5_000);
      expect(seen).toMatchObject({ asked: 0, errors: [] });
      expect(seen.looks).toBeGreaterThan(1);
      silence.stop();
    }
  });

  it('tells of whatever else goes wrong', async () => {
    const broken = new EngineError('log', 'fatal', 'is broken');
    const { silence, seen } = await world(1, () => Promise.reject(broken));
    await pass(1_500);
    expect(seen.errors[0]).toBe(broken);
    silence.stop();
  });

  it('is looked for no more after a stop, also amid those who are due', async () => {
    const { silence, seen } = await world(3);
    seen.onAsked = () => silence.stop();
    await pass(5_000);
    expect(seen.asked).toBe(1);
  });
});
