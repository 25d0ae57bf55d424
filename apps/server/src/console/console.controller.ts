import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly tag: string;
}

const asset = (file: string, type: string): Asset => {
  const bytes = readFileSync(new URL(file, import.meta.url));
  return {
    bytes,
    type: `${type}; charset=utf-8`,
    tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}"`,
  };
};

/** The page at `/`, and the plain reading of the API's description at `/docs`. Held in memory: three small files each. */
@Controller()
export class ConsoleController {
  readonly page = asset('./page.html', 'text/html');
  readonly style = asset('./page.css', 'text/css');
  readonly script = asset('./page.js', 'text/javascript');
  readonly words = asset('./words.js', 'text/javascript');
  readonly docsPage = asset('./docs.html', 'text/html');
  readonly docsScript = asset('./docs.js', 'text/javascript');

  @RouteConfig({ needs: 'read' })
  @Get()
  root(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.page, request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('console/page.css')
  css(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.style, request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('console/page.js')
  js(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.script, request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('console/words.js')
  wordsJs(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.words, request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('docs')
  docs(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.docsPage, request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('console/docs.js')
  docsJs(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return send(this.docsScript, request, reply);
  }
}

const send = ({ bytes, type, tag }: Asset, request: FastifyRequest, reply: FastifyReply) => {
  void reply.header('etag', tag).header('cache-control', 'no-cache');
  if (request.headers['if-none-match'] === tag) return reply.code(304).send();
  return reply.header('content-type', type).send(bytes);
};
