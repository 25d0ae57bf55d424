import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';
import { readyAnswer } from './ready-answer.js';

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
  async ready(@Req() { caller }: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const readiness = await this.deps.readiness();
    void reply.code(readiness.ready ? 200 : 503);
    return readyAnswer(readiness, caller);
  }
}
