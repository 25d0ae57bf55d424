import { type FastifyInstance } from 'fastify';
import { Refusal } from '../refusal.js';

/** A browser's or a probe's question about a route, which is not answered otherwise than before. */
const asking: ReadonlySet<string> = new Set(['HEAD', 'OPTIONS']);

/**
 * Root hook, after the gate: a known address that does not take the method is answered 405 with those that it takes, where
 * the router would say that there is no such address. Looks at nothing where a route was found.
 */
export const refuseMethods = (fastify: FastifyInstance): void => {
  const byPattern = new Map<string, string[]>();
  fastify.addHook('onRoute', ({ method, url }) => {
    const methods = byPattern.get(url) ?? [];
    methods.push(...[method].flat());
    byPattern.set(url, methods);
  });
  let known: readonly (readonly [RegExp, readonly string[]])[] | undefined;
  fastify.addHook('onRequest', (request, _reply, done) => {
    if (!request.is404 || asking.has(request.method)) return done();
    known ??= Array.from(byPattern, ([pattern, methods]) => [matcherOf(pattern), methods]);
    const path = request.url.split('?', 1)[0] as string;
    const methods = known.filter(([matcher]) => matcher.test(path)).flatMap(([, each]) => each);
    done(methods.length === 0 ? undefined : refused([...new Set(methods)].sort().join(', ')));
  });
};

const matcherOf = (pattern: string): RegExp =>
  new RegExp(`^${pattern.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+')}$`);

const refused = (allow: string): Refusal =>
  new Refusal(
    405,
    'method_not_allowed',
    'this address does not take this method',
    `use ${allow.replaceAll(', ', ' or ')}; see /docs`,
    null,
    { allow },
  );
