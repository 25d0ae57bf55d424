import { afterEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { basic, openTestServer, type TestServer } from './testing/test-server.js';

let it: TestServer;
afterEach(() => it.close());

/** Sends all of a body, and hears nothing before that. */
const sentWhole = async (bytes: number, key: string): Promise<string> => {
  const port = await it.server.listen();
  const socket = connect(port, '127.0.0.1').pause();
  await once(socket, 'connect');
  const headers = { ...basic(key), host: `127.0.0.1:${port}`, connection: 'close' };
  const said = Object.entries({ ...headers, 'content-length': bytes }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /v1/touchpoints HTTP/1.1\r\n${said.join('')}\r\n`);
  const piece = Buffer.alloc(2 ** 20, 0x20);
  for (let left = bytes; left > 0; left -= piece.length)
    await new Promise<void>((resolve, reject) =>
      socket.write(piece.subarray(0, left), (error) => (error ? reject(error) : resolve())),
    );
  const [answer] = (await once(socket.resume(), 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
};

test.each([
  ['too large', () => it.write, 413, 'body_too_large'],
  ['of nobody', () => 'trib_w_nobody', 401, 'key_needed'],
])(
  'given a body that is %s, when its sender listens only at its end, then they hear so',
  async (_, key, status, code) => {
    it = await openTestServer({ deps: { bind: { host: '127.0.0.1', port: 0 } } });
    const answer = await sentWhole(20 * 2 ** 20, key());
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(answer).toContain(`"code":"${code}"`);
  },
);

test('given a sender who is slow and of nobody, when the server closes, then it does not wait for all of the body', async () => {
  it = await openTestServer({ deps: { bind: { host: '127.0.0.1', port: 0 } } });
  const port = await it.server.listen();
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  const headers = { ...basic('trib_w_nobody'), host: `127.0.0.1:${port}`, 'content-length': 2 ** 20 };
  const said = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`POST /v1/touchpoints HTTP/1.1\r\n${said.join('')}\r\n`);
  const slowly = setInterval(() => socket.write(' '), 100);
  const heard = once(socket, 'data');
  try {
    await once(socket, 'connect');
    await once(it.server.fastify.server, 'request');
    const closed = it.server.close();
    expect(String((await heard)[0])).toContain('HTTP/1.1 401 ');
    await closed;
  } finally {
    clearInterval(slowly);
    socket.destroy();
  }
}, 9_000);
