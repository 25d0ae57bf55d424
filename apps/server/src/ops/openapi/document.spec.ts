import { expect, test } from '@jest/globals';
import { CustomerId, namesakeOf, SubjectId } from '@tributary/kernel';
import { type CustomerEvent, emptyState, foldIdentifiers, renderProfile, type Transition } from '@tributary/domain';
import { type DecodedEvent, feedOfDecision, feedOfErasure, feedOfFacts, feedText } from '@tributary/pipeline';
import {
  cloudEventOf,
  type ExplanationStep,
  type ProfileEventMessage,
  profileEventTypes,
  type TimelineEntry,
} from '@tributary/query';
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

const A = CustomerId(`c_${'a'.repeat(32)}`);

interface Bodied {
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: Described; readonly example?: unknown }>>;
  };
}

interface Described {
  readonly $ref?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly type?: string;
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

test('each body has an example, of what its schema describes and with all that it needs', () => {
  const { schemas } = openApiDocument().components as { schemas: Readonly<Record<string, Described>> };
  const bodies = Object.entries(openApiDocument().paths as Record<string, Record<string, Bodied>>).flatMap(
    ([path, methods]) =>
      Object.values(methods).flatMap(({ requestBody }) =>
        Object.entries(requestBody?.content ?? {}).map(([type, body]) => ({ where: `${path} ${type}`, ...body })),
      ),
  );
  expect(bodies.length).toBeGreaterThan(15);
  for (const { where, schema, example } of bodies) {
    const described = schemas[schema.$ref?.split('/').pop() ?? ''] ?? schema;
    expect([where, example]).toEqual([where, expect.anything()]);
    if (described.properties)
      expect([where, Object.keys(described.properties)]).toEqual([
        where,
        expect.arrayContaining(Object.keys(example as object)),
      ]);
    expect(undescribed(described, example, where)).toEqual([]);
  }
});

interface Asked {
  readonly name: string;
  readonly in: string;
  readonly schema: { readonly pattern?: string };
}

test('what a parameter is described to be is taken, and else refused', async () => {
  const { paths } = openApiDocument() as unknown as { paths: Record<string, { get: { parameters: Asked[] } }> };
  const it = await openTestServer();
  const version = '/registry/subjects/{subject}/versions/{version}';
  for (const [path, name, right, wrong, status] of [
    ['/v1/customers/{id}', 'id', A, 'c_1', 404],
    ['/v1/customers', 'after', A, 'the-next', 200],
    ['/v1/quarantine', 'channel', 'web_shop', 'Web shop', 200],
    [version, 'version', 'latest', 'newest', 404],
  ] as const) {
    const asked = paths[path]?.get.parameters.find((each) => each.name === name);
    const pattern = new RegExp(asked?.schema.pattern ?? '^$');
    const statusOf = async (value: string): Promise<number> => {
      const at = path.replace(`{${name}}`, encodeURIComponent(value)).replace('{subject}', 'none');
      const query = asked?.in === 'query' ? `?${name}=${encodeURIComponent(value)}` : '';
      return (await it.server.fastify.inject({ url: at + query, headers: own })).statusCode;
    };
    expect([path, pattern.test(right), await statusOf(right)]).toEqual([path, true, status]);
    expect([path, pattern.test(wrong), await statusOf(wrong)]).toEqual([path, false, path === version ? 422 : 400]);
  }
  await it.close();
});

test('a profile and an explanation are described as they are sent', () => {
  const { schemas } = openApiDocument().components as { schemas: Readonly<Record<string, Described>> };
  const subject = SubjectId(`s_${'0'.repeat(32)}`);
  const state = emptyState();
  foldIdentifiers(state, [{ type: 'phone', value: '1', subject }], 1);
  const customer = { id: 'c_0' as CustomerId, subjects: [subject], course: [], rules: null };
  const profile = renderProfile(customer, state, 1, 1);
  expect(profile.identifiers).toHaveLength(1);
  expect(undescribed(schemas['Profile'], profile, 'Profile')).toEqual([]);
  const step: Required<ExplanationStep> = {
    before: 1,
    after: 2,
    currencyBefore: null,
    currency: 'CNY',
    at: '',
    evidence: { purchases: 1 },
    evidenceCurrency: null,
    cause: {} as TimelineEntry,
    because: [],
  };
  expect(undescribed(schemas['Explanation']?.properties?.['steps'], [step], 'steps')).toEqual([]);
});

const B = CustomerId(`c_${'b'.repeat(32)}`);
const S = namesakeOf(A);
const rules = 'r';
const transition: Transition = { track: 'tier', from: null, to: 'bronze', at: 1, evidence: { net_spend_365d_e4: 1 } };
const transitions = [transition, { ...transition, track: 'buyer' }] as const;
/** One of each decision that the feed tells. */
const decisions: readonly CustomerEvent[] = [
  { type: 'SubjectsLinked', customerId: A, subjects: [S], added: [S], absorbed: [B], at: 1, rules, evidence: [] },
  {
    type: 'SubjectsReleased',
    customerId: A,
    subjects: [S],
    released: [{ customerId: B, subjects: [S] }],
    at: 1,
    rules,
  },
  {
    type: 'LinkRefused',
    customerId: A,
    a: S,
    b: S,
    reason: 'kept_apart',
    identifierType: null,
    touchpoint: 't',
    at: 1,
    rules,
  },
  { type: 'CourseAdvanced', customerId: A, transitions, rules, because: [] },
  { type: 'CourseRevised', customerId: A, since: 1, withdrawn: 1, transitions, rules, because: [] },
];

test('each profile event is described as it is sent', () => {
  const { schemas } = openApiDocument().components as { schemas: Readonly<Record<string, Described>> };
  const { mapping } = (schemas['ProfileEvent'] as { discriminator: { mapping: Record<string, string> } }).discriminator;
  expect(Object.keys(mapping).sort()).toEqual([...profileEventTypes].sort());
  const event = { position: 7, recordedAt: 1, content: { kind: 'unreadable' } } as unknown as DecodedEvent;
  const messages = [
    feedOfFacts(A, [event]),
    ...decisions.flatMap((decision) => feedOfDecision(decision, event, { gone: [B], isNobody: false })),
    ...feedOfErasure(A, S, [S], event),
  ];
  expect(new Set(messages.map(({ type }) => type)).size).toBe(profileEventTypes.length);
  for (const message of messages) {
    const sent = cloudEventOf(JSON.parse(feedText(message)) as ProfileEventMessage);
    const schema = schemas[mapping[message.type]?.split('/').pop() ?? ''];
    expect(schema?.properties?.['type']?.const).toBe(message.type);
    expect(undescribed(schema, sent, message.type)).toEqual([]);
    for (const [name, { enum: values, type }] of Object.entries(schema?.properties?.['data']?.properties ?? {})) {
      if (values) expect(values).toContain(sent.data[name]);
      if (type === 'array') expect(sent.data[name]).toBeInstanceOf(Array);
    }
  }
});
