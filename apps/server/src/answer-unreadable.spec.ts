import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connect, type AddressInfo } from 'node:net';
import { openTestServer, type TestServer } from './testing/test-server.js';

let it: TestServer;
beforeAll(async () => {
  it = await openTestServer();
  await it.server.fastify.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(() => it.close());

const say = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect((it.server.fastify.server.address() as AddressInfo).port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(answer));
    socket.write(text);
  });

test.each([
  [
    'headers of 20 KB',
    `POST /v1/cloudevents HTTP/1.1\r\nHost: a\r\nce-big: ${'x'.repeat(20_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
  ['a NUL in a header', 'POST /v1/cloudevents HTTP/1.1\r\nHost: a\r\nce-id: a\0b\r\n\r\n', 400, 'bad_request'],
  ['a header over two lines', 'POST /v1/cloudevents HTTP/1.1\r\nHost: a\r\nce-id: a\r\n b\r\n\r\n', 400, 'bad_request'],
  ['no HTTP', 'hello\r\n\r\n', 400, 'bad_request'],
])('%s: told as every refusal is', async (_what, request, status, code) => {
  const [head = '', body = ''] = (await say(request)).split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  expect(JSON.parse(body)).toEqual({
    error: { code, field: null, message: expect.any(String), remedy: expect.any(String) },
  });
});
