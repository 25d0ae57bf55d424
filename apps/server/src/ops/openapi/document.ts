import { type Needs } from '../../access/gate.js';
import { type Operation } from './operation.js';
import { operationsIn } from './operations-in.js';
import { operationsOfOps } from './operations-ops.js';
import { operationsOut } from './operations-out.js';
import { componentSchemas } from './schemas.js';

export const operations: readonly Operation[] = [...operationsIn, ...operationsOut, ...operationsOfOps];

const security: Readonly<Record<Needs, readonly object[]>> = {
  nobody: [],
  write: [{ basic: [] }, { bearer: [] }],
  // `{}`: none on loopback.
  read: [{}, { basic: [] }, { bearer: [] }],
  admin: [{}, { basic: [] }, { bearer: [] }],
};

const asWhom: Readonly<Record<Needs, string>> = {
  nobody: 'Needs no key.',
  write: 'Needs a write key, always.',
  read: 'Needs no key on loopback; elsewhere one of role read or admin.',
  admin: 'Needs no key on loopback, but a JSON content type or an X-Tributary-Intent header; elsewhere an admin key.',
};

const pathParameters = (path: string, places: Operation['places'] = {}) =>
  [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: places[name] ?? { type: 'string' },
  }));

const describe = ({ route, summary, description, tag, needs, parameters = [], places, body, answers }: Operation) => {
  const path = route.slice(route.indexOf(' ') + 1);
  return {
    operationId: route
      .replace(/[^A-Za-z]+/g, '_')
      .replace(/^_|_$/g, '')
      .toLowerCase(),
    summary,
    description: [description, asWhom[needs]].filter((each) => each !== undefined).join(' '),
    tags: [tag],
    security: security[needs],
    parameters: [
      ...pathParameters(path, places),
      ...parameters.map((parameter) => ({ schema: { type: 'string' }, ...parameter })),
    ],
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              Object.entries({ 'application/json': body, ...body.others }).map(([type, { schema, example }]) => [
                type,
                { schema, ...(example === undefined ? {} : { example }) },
              ]),
            ),
          },
        }),
    responses: Object.fromEntries(
      Object.entries({ ...refusalsOf(route, needs), ...answers }).map(
        ([status, { description: text, type = 'application/json', schema }]) => [
          status,
          {
            description: text,
            ...(schema === undefined && type === 'application/json'
              ? {}
              : { content: { [type]: schema === undefined ? {} : { schema } } }),
          },
        ],
      ),
    ),
  };
};

const Refusal = { $ref: '#/components/schemas/Refusal' };

/** What any route of its kind may answer, whatever it does. */
const refusalsOf = (route: string, needs: Needs): Operation['answers'] => ({
  ...(needs === 'nobody'
    ? {}
    : {
        '401': { description: 'A key is needed, or is not known.', schema: Refusal },
        '403': { description: 'The key, the Host or the Origin does not do.', schema: Refusal },
      }),
  ...(route.includes('/:') ? { '414': { description: 'A part of the address is too long.', schema: Refusal } } : {}),
  ...(needs === 'admin' && route.startsWith('POST ')
    ? {
        '400': { description: 'The body cannot be read.', schema: Refusal },
        '413': { description: 'The body is larger than 64 KB.', schema: Refusal },
        '415': { description: 'Neither a JSON content type nor an X-Tributary-Intent header.', schema: Refusal },
      }
    : {}),
});

/** The OpenAPI 3.1 document of every route, made of the same tables that the doors are. */
export const openApiDocument = () => {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.route.split(' ');
    (paths[path.replace(/:(\w+)/g, '{$1}')] ??= {})[method.toLowerCase()] = describe(operation);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tributary',
      version: '0.1.0',
      description: 'Touchpoints in; customers, their stages and value out.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: [
      { name: 'in', description: 'Doors in. What is answered with 2xx is durable.' },
      { name: 'customers', description: 'Profiles, and commands on customers.' },
      { name: 'feed', description: 'Changes, as they come.' },
      { name: 'operations', description: 'Health, numbers, quarantine.' },
      { name: 'schemas', description: 'The read side of Confluent’s schema-registry API.' },
      { name: 'page', description: 'What a browser loads.' },
    ],
    paths,
    components: {
      securitySchemes: {
        basic: { type: 'http', scheme: 'basic', description: 'The key as user name.' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: componentSchemas,
    },
  };
};
