import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { startRole } from './start-role.js';

const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
};
const NOTHING_LISTENS = 'kafka://127.0.0.1:1';

it('a role whose engine is away says on its port which it waits for, and frees the port when it gives up', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'tributary-waiting-'));
  const port = await freePort();
  const stop = new AbortController();
  const starting = startRole({
    role: 'collector',
    settings: { logUrl: NOTHING_LISTENS, lookupKey: new Uint8Array(32), partitions: 1, channels: [] },
    dataDir,
    host: '127.0.0.1',
    port,
    signal: stop.signal,
    logLevel: 'silent',
  });
  starting.catch(() => undefined);
  const ask = (path: string): Promise<Response | undefined> =>
    fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  let ready: Response | undefined;
  for (; !ready; await delay(50)) ready = await ask('/health/ready');
  expect(ready?.status).toBe(503);
  expect(await ready?.json()).toMatchObject({ status: 'not ready', checks: { log: expect.any(String) as unknown } });
  const live = await ask('/health/live');
  expect([live?.status, await live?.json()]).toEqual([503, { status: 'starting' }]);
  const other = await ask('/v1/track');
  expect([other?.status, other?.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await other?.json()).toMatchObject({ error: { code: 'starting' } });
  stop.abort(new Error('enough'));
  await expect(starting).rejects.toThrow('enough');
  expect(await ask('/health/ready')).toBeUndefined();
  rmSync(dataDir, { recursive: true });
});
