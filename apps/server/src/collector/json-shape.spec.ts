import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { basic, json, openTestServer, own, searched, type TestServer } from '../testing/test-server.js';
import { checkShape } from './json-shape.js';

const MB = 2 ** 20;

describe('the shape of a body', () => {
  test.each([
    ['lists in lists', '['.repeat(2 * MB) + ']'.repeat(2 * MB)],
    ['objects in objects', '{"a":'.repeat(MB)],
    ['empty objects', `[${'{},'.repeat(MB)}{}]`],
    ['numbers', `[${'1,'.repeat(2 * MB)}1]`],
    ['brackets behind a text that looks open', `["\\\\",${'['.repeat(MB)}`],
  ])('of too many parts is refused: %s', (_what, text) => {
    expect(() => checkShape(Buffer.from(text))).toThrow(
      expect.objectContaining({ status: 413, code: 'body_too_large' }),
    );
  });

  test('of what a full request has is taken', () => {
    const full = { ...searched('m'), payload: Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`k${i}`, i])) };
    checkShape(Buffer.from(JSON.stringify(Array.from({ length: 10_000 }, () => full))));
  });

  test('of a text is no matter, whatever it holds', () => {
    checkShape(Buffer.from(JSON.stringify([`\\"${'[{,'.repeat(MB)}`, '\\', '"'.repeat(MB)])));
  });
});

describe('at the door', () => {
  let it: TestServer;
  beforeAll(async () => void (it = await openTestServer()));
  afterAll(() => it.close());

  test('a few kilobytes that unpack to seconds of work are refused', async () => {
    const answer = await it.server.fastify.inject({
      method: 'POST',
      url: '/v1/touchpoints',
      headers: { ...own, ...json, ...basic(it.write), 'content-encoding': 'gzip' },
      payload: gzipSync('['.repeat(2 * MB) + ']'.repeat(2 * MB)),
    });
    expect([answer.statusCode, answer.json().error.code]).toEqual([413, 'body_too_large']);
  });
});
