import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { notFound } from '../refusal.js';

interface Asset {
  readonly bytes: Buffer;
  readonly type: string;
  readonly tag: string;
}

const folder = new URL('./assets/', import.meta.url);
const types: Readonly<Record<string, string>> = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };

const asset = (file: string): Asset => {
  const bytes = readFileSync(new URL(file, folder));
  return {
    bytes,
    type: `${types[extname(file)]}; charset=utf-8`,
    tag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 20)}"`,
  };
};

/** The page at `/`, and the plain reading of the API's description at `/docs`. Held in memory: what is asked for is no path. */
@Controller()
export class ConsoleController {
  readonly assets = new Map(readdirSync(folder).map((file) => [file, asset(file)]));

  @RouteConfig({ needs: 'read' })
  @Get()
  root(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#send('page.html', request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('docs')
  docs(@Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#send('docs.html', request, reply);
  }

  @RouteConfig({ needs: 'read' })
  @Get('console/:file')
  part(@Param('file') file: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply) {
    return this.#send(file, request, reply);
  }

  #send(file: string, request: FastifyRequest, reply: FastifyReply) {
    const found = this.assets.get(file);
    if (!found) throw notFound('there is no such file of the pages', 'see / and /docs');
    void reply.header('etag', found.tag).header('cache-control', 'no-cache');
    if (request.headers['if-none-match'] === found.tag) return reply.code(304).send();
    return reply.header('content-type', found.type).send(found.bytes);
  }
}
