import { type FastifyInstance } from 'fastify';
import { type Logger } from 'pino';
import { type Metrics } from './metrics.js';

const HEALTH = '/health/';

/**
 * One line a request: method, route pattern, status, time. Never the address as it came (`?phone=…`), a header or a body.
 * What metrics count is told at `debug` where it may come thousands of times a second, gone well or refused as too much. So is
 * what a load balancer or a supervisor is told of our health: why we are not ready is told once, by whoever finds it.
 */
export const logRequests = (fastify: FastifyInstance, logger: Logger, metrics: Metrics): void => {
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'unknown';
    const status = reply.statusCode;
    metrics.answered(request.method, route, status, reply.elapsedTime / 1_000);
    const isCounted = status < 400 || status === 429 || route.startsWith(HEALTH);
    const level = isCounted ? 'debug' : status >= 500 ? 'error' : 'info';
    if (logger.isLevelEnabled(level))
      logger[level]({ method: request.method, route, status, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'request');
    done();
  });
};
