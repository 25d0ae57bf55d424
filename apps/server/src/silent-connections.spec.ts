import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { watchSilentConnections } from './silent-connections.js';

test('a connection that never said anything is ended; one whose request is in hand is not', async () => {
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const server = createServer((_request, response) => void asked.then(() => response.end('done')));
  const endSilent = watchSilentConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = connect(port, '127.0.0.1');
  const begun = once(server, 'request');
  const answered = fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  await Promise.all([once(silent, 'connect'), begun]);

  const closed = new Promise((resolve) => server.close(resolve));
  const gone = once(silent, 'close');
  endSilent();
  await gone;
  answer();
  expect(await (await answered).text()).toBe('done');
  await closed;
});
