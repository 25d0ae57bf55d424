import { expect, it } from '@jest/globals';
import { pino } from 'pino';
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
