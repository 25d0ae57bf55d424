import { finished } from 'node:stream';
import { type FastifyInstance } from 'fastify';

/** Some batches that were put into one. What is larger yet is not worth the reading. */
const MOST_BYTES = 64 * 2 ** 20;
/** Who sends slowly listens meanwhile, or hears nothing: neither may keep the answer back, nor a server that closes, for long. */
const LONGEST_MS = 5_000;

/**
 * Who is refused before their body was read (it is too large, the key is wrong, too much is in flight), and listens only when
 * all of it has been sent, would never hear why where the connection is closed then: what lies unread resets it, the answer with
 * it. Python's `urllib` is such a one. So the rest is read for a while, and dropped as it comes.
 */
export const readToTheEnd = (fastify: FastifyInstance): void => {
  fastify.addHook('onSend', ({ raw, headers }, reply, _payload, done) => {
    const isRead = raw.complete || raw.destroyed;
    if (reply.statusCode < 400 || isRead || !(Number(headers['content-length']) <= MOST_BYTES)) return done();
    finished(raw, { writable: false, signal: AbortSignal.timeout(LONGEST_MS) }, () => done());
    raw.resume();
  });
};
