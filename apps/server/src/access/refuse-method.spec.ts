import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestServer, own, type TestServer } from '../testing/test-server.js';

let it: TestServer;
beforeAll(async () => void (it = await openTestServer()));
afterAll(() => it.close());

const ask = async (method: string, url: string) => {
  const answer = await it.server.fastify.inject({ method: method as 'GET', url, headers: own });
  return { answer, status: answer.statusCode, allow: answer.headers['allow'] };
};

test('every address answers each method that it does not take with those that it takes', async () => {
  const taken = new Map<string, Set<string>>();
  for (const route of it.server.routes) {
    const [method = '', url = ''] = route.split(' ');
    const methods = taken.get(url) ?? new Set();
    taken.set(url, methods.add(method));
    if (method === 'GET') methods.add('HEAD');
  }
  for (const [url, methods] of taken)
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])
      if (!methods.has(method))
        expect({ url, method, ...(await ask(method, `${url.replace(/:\w+/g, 'x')}?a=/b`)) }).toMatchObject({
          status: 405,
          allow: [...methods].sort().join(', '),
        });
});

test('says so in the form of every refusal', async () => {
  const { answer } = await ask('DELETE', '/v1/status');
  expect(answer.json()).toEqual({
    error: {
      code: 'method_not_allowed',
      field: null,
      message: expect.any(String),
      remedy: 'use GET or HEAD; see /docs',
    },
  });
  expect(answer.headers).toMatchObject({ 'x-content-type-options': 'nosniff' });
});

test.each([
  ['GET', '/v1/nowhere'],
  ['DELETE', '/v1/status/'],
  ['DELETE', '/v1/customers/a/b/c'],
  ['DELETE', '/v1xstatus'],
  // As before: nothing is told to who only asks.
  ['OPTIONS', '/v1/status'],
  ['HEAD', '/v1/touchpoints'],
])('%s %s is nothing still', async (method, url) => {
  expect(await ask(method, url)).toMatchObject({ status: 404, allow: undefined });
});
