import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestServer, own, type TestServer } from '../testing/test-server.js';

let it: TestServer;
beforeAll(async () => {
  it = await openTestServer();
});
afterAll(() => it.close());

const subject = 'tributary.touchpoint.OrderPlaced';
const ask = async (path: string, method: 'GET' | 'POST' = 'GET', headers: Record<string, string> = {}) => {
  const answer = await it.server.fastify.inject({ method, url: `/registry/${path}`, headers: { ...own, ...headers } });
  return { status: answer.statusCode, body: answer.json<unknown>() };
};

describe('the registry, as clients of Confluent’s ask it', () => {
  test('where a schema is used, and that no subject has a level or mode of its own', async () => {
    const { body } = await ask(`subjects/${subject}/versions/latest`);
    const { id, version } = body as { id: number; version: number };
    expect(await ask(`schemas/ids/${id}/subjects`)).toEqual({ status: 200, body: [subject] });
    expect(await ask(`schemas/ids/${id}/versions`)).toEqual({ status: 200, body: [{ subject, version }] });
    expect(await ask('schemas/ids/99999/subjects')).toMatchObject({ status: 404, body: { error_code: 40403 } });
    expect(await ask(`config/${subject}`)).toMatchObject({ status: 404, body: { error_code: 40408 } });
    expect(await ask(`mode/${subject}`)).toMatchObject({ status: 404, body: { error_code: 40409 } });
    expect((await ask(`config/${subject}?defaultToGlobal=true`)).body).toEqual((await ask('config')).body);
    expect((await ask(`mode/${subject}?defaultToGlobal=true`)).body).toEqual((await ask('mode')).body);
  });

  test('what it does not do is told in their form, too', async () => {
    const message = expect.any(String);
    const json = { 'content-type': 'application/json' };
    expect(await ask('contexts')).toMatchObject({ status: 404, body: { error_code: 404, message } });
    expect(await ask(`subjects/${subject}/versions`, 'POST', json)).toMatchObject({
      status: 405,
      body: { error_code: 405, message },
    });
    expect(await ask('subjects', 'GET', { authorization: 'Bearer wrong' })).toMatchObject({
      status: 401,
      body: { error_code: 401, message, error: { code: 'key_needed' } },
    });
  });
});
