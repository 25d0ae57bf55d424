import { expect, test } from '@jest/globals';
import { openTestServer, own } from '../../testing/test-server.js';
import { openApiDocument, operations } from './document.js';

test('every route is described, and nothing else is; each asks what its description says', async () => {
  const it = await openTestServer();
  expect([...it.server.routes].sort()).toEqual(operations.map(({ route }) => route).sort());
  for (const { route, needs } of operations) {
    const [method = '', url = ''] = route.split(' ');
    const answer = await it.server.fastify.inject({
      method: method as 'GET',
      url: url.replace(/:\w+/g, 'x'),
      headers: { ...own, authorization: 'Bearer wrong' },
    });
    if (needs === 'nobody') expect(answer.statusCode).toBe(200);
    else expect([route, answer.statusCode]).toEqual([route, 401]);
  }
  const served = await it.server.fastify.inject({ url: '/openapi.json', headers: own });
  expect(served.json()).toEqual(JSON.parse(JSON.stringify(openApiDocument())));
  await it.close();
});

test('every reference leads to a schema, and operation ids are unique', () => {
  const document = openApiDocument();
  const text = JSON.stringify(document);
  for (const [, name] of text.matchAll(/#\/components\/schemas\/(\w+)/g))
    expect(Object.keys(document.components.schemas)).toContain(name);
  const ids = [...text.matchAll(/"operationId":"(\w+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
