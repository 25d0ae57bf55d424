import { Controller, Get, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { openApiDocument } from './document.js';

@Controller()
export class OpenApiController {
  readonly text = JSON.stringify(openApiDocument());

  @RouteConfig({ needs: 'read' })
  @Get('openapi.json')
  document(@Res() reply: FastifyReply) {
    return reply.header('content-type', 'application/json; charset=utf-8').send(this.text);
  }
}
