import { type FastifyReply } from 'fastify';
import { EngineError, StoreFull } from '@tributary/kernel';
import { isOfRegistry, registryRefusal } from './ops/registry-refusal.js';
import { internalError, refusalOf } from './refusal.js';

/** Answers with text that is JSON already. */
export const answer = (reply: FastifyReply, status: number, json: string): FastifyReply =>
  reply.code(status).header('content-type', 'application/json; charset=utf-8').send(json);

const isFatal = (error: unknown): boolean =>
  error instanceof EngineError && !(error instanceof StoreFull) && error.failure === 'fatal';

/** Answers a failure in the form all doors share; what is our bug, or final, is handed to `bug` and says nothing of itself. */
export const answerFailure = (reply: FastifyReply, error: unknown, bug: (error: unknown) => void): FastifyReply => {
  const known = refusalOf(error);
  // Whoever is told to look into the log has to find it there.
  if (known === undefined || isFatal(error)) bug(error);
  const refusal = known ?? internalError;
  for (const [name, value] of Object.entries(refusal.headers)) reply.header(name, value);
  const body = isOfRegistry(reply.request.url) ? registryRefusal(refusal) : refusal.body;
  return answer(reply, refusal.status, JSON.stringify(body));
};
