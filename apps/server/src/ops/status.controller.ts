import { Controller, Get, Inject, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { identifierTypesOf } from '../profiles/identifier-types.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { Metrics } from './metrics.js';

/** Numbers for people (`/v1/status`: the page, the CLI) and for monitoring (`/metrics`). */
@Controller()
export class StatusController {
  constructor(
    @Inject(SERVER_DEPS) readonly deps: ServerDeps,
    @Inject(Metrics) readonly metrics: Metrics,
  ) {}

  @RouteConfig({ needs: 'read' })
  @Get('v1/status')
  async status() {
    const stats = await this.deps.stats();
    const now = this.deps.clock.now();
    return {
      ...stats,
      now: new Date(now).toISOString(),
      uptime_s: Math.floor((now - Date.parse(stats.startedAt)) / 1_000),
      identifierTypes: identifierTypesOf(this.deps.identify.rules),
    };
  }

  @RouteConfig({ needs: 'read' })
  @Get('metrics')
  async scrape(@Res() reply: FastifyReply) {
    const text = await this.metrics.registry.metrics();
    return reply.header('content-type', this.metrics.registry.contentType).send(text);
  }
}
