import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';
import { pino } from 'pino';
import { Watched } from './watched.js';

const open: Watched[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((watched) => watched.stop()));
});

const watching = (answer_ms = 1_000) => {
  const lines: string[] = [];
  const logger = pino(
    { base: null },
    { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
  );
  const watched = new Watched(logger, 1, answer_ms);
  open.push(watched);
  const until = async (name: string, found: string): Promise<void> => {
    for (let i = 0; watched.checks()[name] !== found; i++) {
      if (i > 400) throw new Error(JSON.stringify(watched.checks()));
      await sleep(5);
    }
  };
  return { watched, lines, until };
};

test('an engine that goes away is told of once, and so is its return', async () => {
  const { watched, lines, until } = watching();
  let away: Error | null = null;
  watched.add('log', async () => {
    if (away) throw away;
  });
  watched.add('profiles', async () => undefined);
  expect(watched.checks()).toEqual({ log: 'ok', profiles: 'ok' });
  away = new EngineError('kafka', 'retriable', 'no broker answers');
  await until('log', 'kafka: no broker answers');
  expect(watched.checks()['profiles']).toBe('ok');
  away = null;
  await until('log', 'ok');
  expect(lines).toEqual(['an engine is away', 'an engine is back']);
});

test('what a driver says is not passed on', async () => {
  const { watched, until } = watching();
  watched.add('events', () => Promise.reject(new Error('esdb://user:secret@host')));
  await until('events', 'it cannot be asked');
});

test('an engine that hangs is asked once, and its watching ends all the same', async () => {
  const { watched, until } = watching(20);
  let asked = 0;
  watched.add('warehouse', () => {
    asked += 1;
    return new Promise(() => undefined);
  });
  await until('warehouse', 'no answer within 5 s');
  await sleep(50);
  expect(asked).toBe(1);
});
