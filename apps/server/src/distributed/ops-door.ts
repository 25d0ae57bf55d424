import Fastify, { type FastifyReply } from 'fastify';
import { type Registry } from 'prom-client';
import { guard } from '../access/gate.js';
import { refuseMethods } from '../access/refuse-method.js';
import { answerFailure } from '../answer.js';
import { type EngineWatch } from '../engines/engine-watch.js';
import { type Readiness } from '../ops/platform-stats.js';
import { readyAnswer } from '../ops/ready-answer.js';
import { readyGauge } from '../ops/ready-gauge.js';
import { securityHeaders } from '../security-headers.js';
import { type RoleBase } from './role.js';

export interface OpsDeps {
  readonly registry: Registry;
  readonly readiness: () => Readiness;
}

/** The one door of a role that takes no requests of others: whether it lives, may be relied on, and how it does. */
export const openOpsDoor = async (base: RoleBase, { registry, readiness }: OpsDeps): Promise<number> => {
  const { bind, keys, logger, opened } = base;
  readyGauge(registry, readiness);
  const fastify = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000, bodyLimit: 1_024 });
  fastify.addHook('onRequest', (_request, reply, done) => {
    reply.headers(securityHeaders);
    done();
  });
  fastify.setErrorHandler((error, _request, reply: FastifyReply) =>
    answerFailure(reply, error, (bug) => logger.error({ err: bug }, 'the door for operators failed')),
  );
  guard(fastify, { keys, ...bind, logger });
  refuseMethods(fastify);
  fastify.get('/health/live', { config: { needs: 'nobody' } }, () => ({ status: 'ok' }));
  fastify.get('/health/ready', { config: { needs: 'nobody' } }, async ({ caller }, reply) => {
    const found = readiness();
    return reply.code(found.ready ? 200 : 503).send(readyAnswer(found, caller));
  });
  fastify.get('/metrics', { config: { needs: 'read' } }, async (_request, reply) =>
    reply.header('content-type', registry.contentType).send(await registry.metrics()),
  );
  opened.add('door for operators', fastify, (it) => it.close());
  await fastify.listen(bind);
  const address = fastify.server.address();
  return typeof address === 'object' && address !== null ? address.port : bind.port;
};

/** A stage that waits for an engine is alive, and not to be relied on. */
export const readinessOf =
  (name: string, trouble: () => string | null, watch: Pick<EngineWatch, 'checks'>): (() => Readiness) =>
  () => {
    const checks = { [name]: trouble() ?? 'ok', ...watch.checks() };
    return { ready: Object.values(checks).every((found) => found === 'ok'), checks };
  };
