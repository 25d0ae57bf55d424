import { type CallHandler, type ExecutionContext, Inject, Injectable, type NestInterceptor } from '@nestjs/common';
import { type FastifyReply } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Refusal, RETRY_AFTER_S } from '../refusal.js';
import { SERVER_DEPS, type ServerDeps } from '../server-deps.js';

/** Beside an answer: it is made of profiles that are being rebuilt, and may be of the past, or lack customers. */
const PROFILES_HEADER = 'tributary-profiles';

const notYet = (): Refusal =>
  new Refusal(
    503,
    'profiles_rebuilding',
    'nobody is known by this yet: profiles were lost, and are being rebuilt from the events',
    'ask again later; GET /health/ready tells when they are whole',
    null,
    { 'retry-after': RETRY_AFTER_S.engine },
  );

/**
 * Profiles of an engine that was emptied are answered while they are rebuilt, and it is said beside the answer. But who is not
 * among them yet is not nobody: a service would make a new customer of an old one, and who keeps a copy would let go of them.
 */
@Injectable()
export class WhileRebuilt implements NestInterceptor {
  constructor(@Inject(SERVER_DEPS) readonly deps: ServerDeps) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { rebuilding } = this.deps;
    if (!rebuilding) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const answer = async (): Promise<unknown> => {
      const [read] = await Promise.allSettled([lastValueFrom(next.handle())]);
      const isNobody = read.status === 'rejected' && read.reason instanceof Refusal && read.reason.status === 404;
      if ((read.status === 'fulfilled' || isNobody) && (await rebuilding())) {
        reply.header(PROFILES_HEADER, 'rebuilding');
        if (isNobody) throw notYet();
      }
      if (read.status === 'rejected') throw read.reason;
      return read.value;
    };
    return from(answer());
  }
}
