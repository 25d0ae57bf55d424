import { expect, test } from '@jest/globals';
import { profileEventBinding, profileEventTypes } from '@tributary/query';
import { openTestServer, own } from '../../testing/test-server.js';
import { asyncApiDocument } from './async-document.js';

interface Message {
  readonly name: string;
  readonly headers?: { readonly required: readonly string[] };
}

test('both channels tell every type of event, and every reference leads somewhere', () => {
  const document = asyncApiDocument();
  const messages = document.components.messages as Readonly<Record<string, Message>>;
  for (const { messages: told } of Object.values(document.channels)) {
    const types = Object.values(told).map(({ $ref }) => messages[$ref.split('/').pop() ?? '']?.name);
    expect(types.sort()).toEqual([...profileEventTypes].sort());
  }
  for (const { channel } of Object.values(document.operations))
    expect(Object.keys(document.channels)).toContain(channel.$ref.split('/').pop());
});

test('the headers that are described are those that are sent', () => {
  const text = '{"id":"1","type":"t","customerId":"c_1","at":"2026-01-01T00:00:00.000Z","sequence":1,"data":{}}';
  const sent = Object.keys(profileEventBinding.bind(Buffer.from(text))?.headers ?? {}).sort();
  const { messages } = asyncApiDocument().components;
  const described = Object.values(messages as Readonly<Record<string, Message>>).flatMap(({ headers }) =>
    headers ? [[...headers.required].sort()] : [],
  );
  expect(described).toHaveLength(profileEventTypes.length);
  for (const each of described) expect(each).toEqual(sent);
});

test('is served', async () => {
  const it = await openTestServer();
  const served = await it.server.fastify.inject({ url: '/asyncapi.json', headers: own });
  expect(served.json()).toEqual(JSON.parse(JSON.stringify(asyncApiDocument())));
  await it.close();
});
