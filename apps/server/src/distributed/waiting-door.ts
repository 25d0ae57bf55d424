import Fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import { type AccessKeys } from '../access/access-keys.js';
import { guard } from '../access/gate.js';
import { answerFailure } from '../answer.js';
import { readyAnswer } from '../ops/ready-answer.js';
import { Refusal, RETRY_AFTER_S } from '../refusal.js';
import { securityHeaders } from '../security-headers.js';

/**
 * The door of a role that waits for its engines and has no other yet: 503 to whatever is asked, also whether it lives, since it has
 * not begun; to who asks whether it is ready, which engine is waited for, and why.
 */
export class WaitingDoor {
  #open: FastifyInstance | undefined;
  #waiting: ReadonlyMap<string, string> = new Map();
  #turn: Promise<void> = Promise.resolve();

  constructor(
    readonly bind: { readonly host: string; readonly port: number },
    readonly keys: AccessKeys,
  ) {}

  /** Opens at the first engine that is waited for. With none, the port is free when it resolves. */
  show(waiting: ReadonlyMap<string, string>): Promise<void> {
    this.#waiting = waiting;
    return (this.#turn = this.#turn.then(() => this.#settle()));
  }

  async #settle(): Promise<void> {
    if (this.#waiting.size === 0) {
      await this.#open?.close();
      this.#open = undefined;
      // Of any free port nobody would know which it is.
    } else if (!this.#open && this.bind.port !== 0) {
      const door = this.#made();
      // A port that is in use is told by the role's own door.
      this.#open = await door.listen(this.bind).then(
        () => door,
        () => undefined,
      );
    }
  }

  #made(): FastifyInstance {
    const fastify = Fastify({ logger: false, forceCloseConnections: true, requestTimeout: 10_000, bodyLimit: 1_024 });
    fastify.addHook('onRequest', (_request, reply, done) => {
      reply.headers({ ...securityHeaders, 'retry-after': RETRY_AFTER_S.engine }).code(503);
      done();
    });
    guard(fastify, { keys: this.keys, ...this.bind });
    fastify.get('/health/ready', { config: { needs: 'nobody' } }, ({ caller }) =>
      readyAnswer({ ready: false, checks: Object.fromEntries(this.#waiting) }, caller),
    );
    fastify.get('/health/live', { config: { needs: 'nobody' } }, () => ({ status: 'starting' }));
    fastify.setNotFoundHandler(() => {
      throw new Refusal(503, 'starting', 'this role waits for its engines', 'ask /health/ready which, and try again');
    });
    fastify.setErrorHandler((error, _request, reply: FastifyReply) => answerFailure(reply, error, () => undefined));
    return fastify;
  }
}
