import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type Logger } from 'pino';
import {
  ComponentTooLarge,
  FeedPositionExpired,
  InvalidIdentifierError,
  InvalidPosition,
  PositionNotOfFeed,
  UnknownPath,
} from '@tributary/query';
import { answerFailure } from './answer.js';
import { parameterOfIdentifier } from './profiles/identifier-parameter.js';
import { type Params } from './query-parameters.js';
import { Refusal } from './refusal.js';

type Sent = Pick<FastifyRequest, 'query' | 'headers'>;

/** What the caller sent the position as. */
const positionIn = ({ query, headers }: Sent): string => {
  if ('before' in (query as object)) return 'before';
  return headers['last-event-id'] ? 'Last-Event-ID' : 'from';
};

/** What the read side throws, as the caller is told it. Their messages carry no values. */
const ofQuery = (error: unknown, sent: Sent): unknown => {
  if (error instanceof InvalidIdentifierError)
    return new Refusal(
      400,
      error.problem.code,
      `found ${error.problem.found}, expected ${error.problem.expected}`,
      error.problem.remedy,
      parameterOfIdentifier(sent.query as Params) ?? 'identifier',
    );
  if (error instanceof UnknownPath)
    return new Refusal(
      404,
      'unknown_path',
      'the profile has nothing at this path',
      `paths near it: ${error.nearest.join(', ')}`,
      'path',
    );
  if (error instanceof InvalidPosition)
    return new Refusal(
      400,
      'invalid_position',
      error.message,
      'pass a position as it was given, or none',
      positionIn(sent),
    );
  if (error instanceof PositionNotOfFeed)
    return new Refusal(
      400,
      'position_not_of_feed',
      error.message,
      `if the platform was set up anew since, read the profiles anew, then follow from ${error.end}`,
      positionIn(sent),
    );
  if (error instanceof FeedPositionExpired)
    return new Refusal(
      410,
      'position_expired',
      error.message,
      `read the profiles anew, then follow from ${error.oldest}`,
      positionIn(sent),
    );
  if (error instanceof ComponentTooLarge)
    return new Refusal(422, 'component_too_large', error.message, 'block the shared identifier, then ask again');
  return error;
};

/** Every failure of a Nest route, of the gate and of the router leaves in one form. */
@Catch()
export class FailureFilter implements ExceptionFilter {
  constructor(readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    if (reply.sent) return;
    void answerFailure(reply, ofQuery(error, http.getRequest<FastifyRequest>()), (bug) =>
      this.logger.error({ err: bug }, 'a request failed'),
    );
  }
}
