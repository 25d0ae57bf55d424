import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
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

/** A server that is watched and has one request in hand, over a connection that its client keeps. */
const askedOnce = async (onRequest: (response: ServerResponse) => void) => {
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) => onRequest(response));
  const endSilent = watchSilentConnections(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent });
  await once(server, 'request');
  return { server, endSilent, agent, request };
};

test('a connection that is kept after its answer is ended, too, where the request was in hand when the server closed', async () => {
  let answer = (): void => undefined;
  const asked = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const { server, endSilent, agent, request } = await askedOnce((response) => {
    void asked.then(() => response.end('done'));
  });
  const closed = new Promise((resolve) => server.close(resolve));
  endSilent();
  answer();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  expect(response.headers['connection']).toBe('keep-alive');
  expect(await response.setEncoding('utf8').toArray()).toEqual(['done']);
  const ending = setInterval(endSilent, 5);
  await closed;
  clearInterval(ending);
  agent.destroy();
});

test('an answer that a slow reader has not taken whole is waited for', async () => {
  const size = 20_000_000;
  let answer = (): void => undefined;
  const { server, endSilent, agent, request } = await askedOnce((response) => {
    answer = () => void response.end(Buffer.alloc(size));
  });
  const closed = new Promise((resolve) => server.close(resolve));
  answer();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const ending = setInterval(endSilent, 5);
  await new Promise((resolve) => setTimeout(resolve, 100));
  let taken = 0;
  for await (const piece of response) taken += (piece as Buffer).length;
  expect(taken).toBe(size);
  await closed;
  clearInterval(ending);
  agent.destroy();
});
