import { Controller, Get, Inject, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

/** For load balancers and supervisors, which have no keys: whether it lives, and whether it may be sent work. */
@Controller('health')
export class HealthController {
  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  @RouteConfig({ needs: 'nobody' })
  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @RouteConfig({ needs: 'nobody' })
  @Get('ready')
  async ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const { ready, checks } = await this.deps.readiness();
    void reply.code(ready ? 200 : 503);
    return { status: ready ? 'ok' : 'not ready', checks };
  }
}
