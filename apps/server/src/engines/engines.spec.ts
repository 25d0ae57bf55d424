import { expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { pino } from 'pino';
import { type EngineWait } from './engine-wait.js';
import { Engines } from './engines.js';
import { Opened } from './opened.js';
import { embeddedOnly } from './settings.js';

it('an event store that is not where it is looked for is told of within seconds, by place and reason, never by password', async () => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const opened = new Opened(logger);
  const stop = new AbortController();
  const waited: (string | undefined)[] = [];
  const engines = new Engines(
    { ...embeddedOnly, eventsUrl: 'esdb://me:hunter2@127.0.0.1:1?tls=false' },
    opened,
    logger,
    'test',
    stop.signal,
    async (waiting) => {
      waited.push(waiting.get('events'));
      if (waiting.size > 0) stop.abort(new Error('enough'));
    },
  );
  const began = performance.now();
  await expect(engines.events()).rejects.toThrow('enough');
  expect(performance.now() - began).toBeLessThan(7_500);
  await opened.close();
  expect(lines).toHaveLength(1);
  const told = JSON.parse(lines[0] as string) as Readonly<Record<string, unknown>>;
  expect(told).toMatchObject({ level: 40, engine: 'events', at: '127.0.0.1:1' });
  expect(told['reason']).toMatch(/no connection to 127\.0\.0\.1:1 within 5000 ms: .*ECONNREFUSED/);
  expect(waited).toEqual([told['reason'], undefined]);
  expect(lines.join()).not.toContain('hunter2');
});

it.each([
  ['kafka://me:hunter2@127.0.0.1:1', 1],
  ['kafka://me:hunter2@127.0.0.1:1/?sasl=scram-sha-512', 0],
  ['kafka://me:hunter2@127.0.0.1:1/?ssl=true', 0],
  ['kafka://127.0.0.1:1', 0],
])('a password that goes over the wire as it is is warned of once, without it: %s', async (logUrl, warnings) => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const stop = new AbortController();
  const engines = new Engines({ ...embeddedOnly, logUrl }, new Opened(logger), logger, 'test', stop.signal, async () =>
    stop.abort(new Error('enough')),
  );
  await expect(engines.kafka()).rejects.toThrow('enough');
  const told = lines.filter((line) => line.includes('SASL PLAIN without TLS'));
  expect(told).toHaveLength(warnings);
  for (const line of told) expect(JSON.parse(line)).toMatchObject({ level: 40, engine: 'log', at: '127.0.0.1:1' });
  expect(lines.join()).not.toContain('hunter2');
});

it('an engine that comes is told of, too, where somebody is told in the place of the log', async () => {
  const lines: string[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  const told: EngineWait[] = [];
  const engines = new Engines(embeddedOnly, new Opened(logger), logger, 'test', undefined, undefined, (wait) =>
    told.push(wait),
  );
  let tries = 0;
  const open = async (): Promise<string> => {
    if (++tries === 1) throw new EngineError('kafka', 'retriable', 'no broker answers');
    return 'there';
  };
  expect(await engines.reach('log', 'kafka://house:9092', open)).toBe('there');
  const log = { engine: 'log', at: 'house:9092' };
  expect(told).toEqual([
    { ...log, reason: 'kafka: no broker answers' },
    { ...log, reason: null },
  ]);
  expect(await engines.reach('log', 'kafka://house:9092', open)).toBe('there');
  expect([told.length, lines]).toEqual([2, []]);
});
