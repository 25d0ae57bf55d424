import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';
import { pino } from 'pino';
import { EngineWatch } from './engine-watch.js';

const open: EngineWatch[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((watch) => watch.stop()));
});

const watching = (answer_ms = 1_000) => {
  const lines: string[] = [];
  const logger = pino(
    { base: null },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const watch = new EngineWatch(logger, 1, answer_ms);
  open.push(watch);
  const until = async (name: string, found: string): Promise<void> => {
    for (let i = 0; watch.checks()[name] !== found; i++) {
      if (i > 400) throw new Error(JSON.stringify(watch.checks()));
      await sleep(5);
    }
  };
  return { watch, lines, until };
};

test('an engine that goes away is told of once, and so is its return', async () => {
  const { watch, lines, until } = watching();
  let away: Error | null = null;
  watch.add('log', async () => {
    if (away) throw away;
  });
  watch.add('profiles', async () => undefined);
  expect(watch.checks()).toEqual({ log: 'ok', profiles: 'ok' });
  away = new EngineError('kafka', 'retriable', 'no broker answers');
  await until('log', 'kafka: no broker answers');
  expect(watch.checks()['profiles']).toBe('ok');
  away = null;
  await until('log', 'ok');
  expect(lines).toEqual(['an engine is away', 'an engine is back']);
});

test('what cannot pass by itself is told to who asked for it, and what may is not', async () => {
  const { watch, until } = watching();
  const told: string[] = [];
  const kinds = ['retriable', 'fatal'] as const;
  for (const kind of kinds)
    watch.add(
      kind,
      () => Promise.reject(new EngineError('Redis', kind, 'no')),
      ({ failure }) => told.push(failure),
    );
  for (const kind of kinds) await until(kind, 'Redis: no');
  expect(new Set(told)).toEqual(new Set(['fatal']));
});

test('what a driver says is not passed on', async () => {
  const { watch, until } = watching();
  watch.add('events', () => Promise.reject(new Error('esdb://user:secret@host')));
  await until('events', 'it cannot be asked');
});

test('an engine that hangs is asked once, and its watching ends all the same', async () => {
  const { watch, until } = watching(20);
  let asked = 0;
  watch.add('warehouse', () => {
    asked += 1;
    return new Promise(() => undefined);
  });
  await until('warehouse', 'no answer within 0.02 s');
  await sleep(50);
  expect(asked).toBe(1);
});
