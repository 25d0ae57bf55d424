import { expect, test } from '@jest/globals';
import { type CustomerId, SubjectId } from '@tributary/kernel';
import { emptyState, foldIdentifiers, renderProfile } from '@tributary/domain';
import { type ExplanationStep, type TimelineEntry } from '@tributary/query';
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

interface Described {
  readonly properties?: Readonly<Record<string, Described>>;
  readonly required?: readonly string[];
  readonly items?: Described;
}

/** Fields that an answer has and its description lacks, or the other way round. */
const undescribed = (described: Described | undefined, answer: unknown, path: string): string[] => {
  if (Array.isArray(answer)) return answer.flatMap((one) => undescribed(described?.items, one, `${path}[]`));
  if (!described?.required || typeof answer !== 'object' || answer === null) return [];
  const fields = answer as Readonly<Record<string, unknown>>;
  const names = new Set([...described.required, ...Object.keys(fields)]);
  return [...names].flatMap((name) =>
    name in fields && described.properties?.[name]
      ? undescribed(described.properties[name], fields[name], `${path}.${name}`)
      : [`${path}.${name}`],
  );
};

test('a profile and an explanation are described as they are sent', () => {
  const { schemas } = openApiDocument().components as { schemas: Readonly<Record<string, Described>> };
  const subject = SubjectId(`s_${'0'.repeat(32)}`);
  const state = emptyState();
  foldIdentifiers(state, [{ type: 'phone', value: '1', subject }], 1);
  const customer = { id: 'c_0' as CustomerId, subjects: [subject], course: [], rules: null };
  const profile = renderProfile(customer, state, 1, 1);
  expect(profile.identifiers).toHaveLength(1);
  expect(undescribed(schemas['Profile'], profile, 'Profile')).toEqual([]);
  const step: Required<ExplanationStep> = { before: 1, after: 2, cause: {} as TimelineEntry, because: [] };
  expect(undescribed(schemas['Explanation']?.properties?.['steps'], [step], 'steps')).toEqual([]);
});
