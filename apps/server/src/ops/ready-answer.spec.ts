import { describe, expect, test } from '@jest/globals';
import { bearer, openTestServer, own } from '../testing/test-server.js';

const readiness = () => ({ ready: false, checks: { pipeline: 'no connection to 10.1.2.3:9092', reads: 'ok' } });
const told = async (host: string, headersOf: (it: { read: string; write: string }) => Record<string, string>) => {
  const it = await openTestServer({ host, deps: { readiness } });
  try {
    const headers = { ...own, ...headersOf(it) };
    const answer = await it.server.fastify.inject({ method: 'GET', url: '/health/ready', headers });
    return [answer.statusCode, answer.json()];
  } finally {
    await it.close();
  }
};
const why = [503, { status: 'not ready', checks: { pipeline: 'no connection to 10.1.2.3:9092', reads: 'ok' } }];
const where = [503, { status: 'not ready', checks: { pipeline: 'not ready', reads: 'ok' } }];

describe('why a server may not be relied on', () => {
  test('is told to who may read', async () => {
    expect(await told('127.0.0.1', () => ({}))).toEqual(why);
    expect(await told('0.0.0.0', ({ read }) => bearer(read))).toEqual(why);
  });

  test('is told to nobody else: only which part it is', async () => {
    expect(await told('0.0.0.0', () => ({}))).toEqual(where);
    expect(await told('0.0.0.0', ({ write }) => bearer(write))).toEqual(where);
    expect(await told('127.0.0.1', () => ({ 'x-forwarded-for': '203.0.113.7' }))).toEqual(where);
  });
});

test('who asks for health every few seconds fills no log, however long a server is not ready', async () => {
  const it = await openTestServer({ deps: { readiness } });
  try {
    for (const url of ['/health/ready', '/health/live', '/nowhere'])
      await it.server.fastify.inject({ method: 'GET', url, headers: own });
    const lines = it
      .logged()
      .split('\n')
      .filter((line) => line !== '');
    const shown = lines
      .map((line) => JSON.parse(line) as { level: number; route?: string })
      .filter(({ level }) => level >= 30);
    expect(shown.map(({ route }) => route)).toEqual(['unknown']);
  } finally {
    await it.close();
  }
});
