import { Controller, Get, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply } from 'fastify';
import { asyncApiDocument } from './async-document.js';
import { openApiDocument } from './document.js';

@Controller()
export class OpenApiController {
  readonly text = JSON.stringify(openApiDocument());
  readonly asyncText = JSON.stringify(asyncApiDocument());

  @RouteConfig({ needs: 'read' })
  @Get('openapi.json')
  document(@Res() reply: FastifyReply) {
    return reply.header('content-type', 'application/json; charset=utf-8').send(this.text);
  }

  @RouteConfig({ needs: 'read' })
  @Get('asyncapi.json')
  asyncDocument(@Res() reply: FastifyReply) {
    return reply.header('content-type', 'application/json; charset=utf-8').send(this.asyncText);
  }
}
