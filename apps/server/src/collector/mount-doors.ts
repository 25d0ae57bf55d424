import { type FastifyInstance, type FastifyPluginCallback, type FastifyReply, type FastifyRequest } from 'fastify';
import { type Identify, segmentCalls } from '@tributary/contracts';
import { cloudEventsDoor } from './cloudevents/cloudevents-door.js';
import { webhookConsent } from './cloudevents/webhook-consent.js';
import { answerFailure } from '../answer.js';
import { type Door } from './door.js';
import { type DoorLimits } from './door-limits.js';
import { nativeDoor } from './native-door.js';
import { quarantineDoor } from './quarantine-door.js';
import { segmentDoor } from './segment-door.js';

/**
 * The doors in, as plain Fastify routes with a raw body: they take tens of thousands of touchpoints a second, which Nest's
 * pipes, interceptors and per-request objects would halve.
 */
export const doors =
  (door: Door, limits: DoorLimits, identify: Identify, bug: (error: unknown) => void): FastifyPluginCallback =>
  (scope: FastifyInstance, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) => parsed(null, body));
    scope.setErrorHandler((error, _request, reply) => answerFailure(reply, error, bug));
    scope.decorateRequest('hold', null);

    const post = (
      url: string,
      limit_bytes: number,
      handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>,
    ) =>
      scope.post(
        url,
        {
          bodyLimit: limit_bytes,
          config: { needs: 'write' },
          onRequest: (request, reply, next) => {
            try {
              door.enter(request, reply, limit_bytes);
              next();
            } catch (error) {
              next(error as Error);
            }
          },
        },
        (request, reply) => door.work(request, () => handler(request, reply)),
      );

    post('/v1/touchpoints', limits.native_bytes, nativeDoor(door, limits, identify));
    post('/v1/cloudevents', limits.native_bytes, cloudEventsDoor(door, limits, identify));
    scope.options('/v1/cloudevents', { config: { needs: 'write' } }, webhookConsent);
    post('/v1/quarantine', limits.native_bytes, quarantineDoor(door, limits));
    post('/v1/batch', limits.segmentBatch_bytes, segmentDoor(door, limits, identify, 'batch'));
    for (const call of segmentCalls)
      post(`/v1/${call}`, limits.segmentEvent_bytes, segmentDoor(door, limits, identify, call));
    done();
  };
