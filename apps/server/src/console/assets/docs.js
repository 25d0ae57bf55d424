import { make } from './dom.js';

const listOf = (title, rows) =>
  rows.length === 0
    ? null
    : make(
        'div',
        {},
        make('h3', { textContent: title }),
        make('ul', {}, ...rows.map(([name, text]) => make('li', {}, make('code', { textContent: name }), ` ${text}`))),
      );

const routeView = (path, method, { summary, description, parameters, requestBody, responses }) => {
  return make(
    'details',
    { className: 'card' },
    make('summary', {}, make('code', { textContent: `${method.toUpperCase()} ${path}` }), ` ${summary}`),
    make('p', { textContent: description }),
    listOf(
      'Parameters',
      parameters.map(({ name, in: where, description: text }) => [name, `(${where}) ${text ?? ''}`]),
    ),
    ...Object.entries(requestBody?.content ?? {}).map(([type, body]) =>
      make(
        'div',
        {},
        make('h3', { textContent: type === 'application/json' ? 'Body' : `Body as ${type}` }),
        make('pre', { textContent: JSON.stringify(body.example ?? body.schema, null, 2) }),
      ),
    ),
    listOf(
      'Answers',
      Object.entries(responses).map(([status, { description: text }]) => [status, text]),
    ),
  );
};

const { tags, paths } = await (await fetch('/openapi.json')).json();
const routes = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
);
document
  .getElementById('routes')
  .append(
    ...tags.flatMap(({ name, description }) => [
      make('h2', { textContent: description }),
      ...routes
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => routeView(path, method, operation)),
    ]),
  );
