import { type FastifyReply, type FastifyRequest } from 'fastify';

/** A name of the domain-name system, or what senders write in place of one. */
const origin = /^[A-Za-z0-9*._:-]{1,253}$/;

/**
 * `OPTIONS /v1/cloudevents`: the handshake by which a sender of webhooks asks whether it may deliver here. The route needs a
 * write key like a delivery, so that nobody else can direct a service's deliveries at this door. The rate is not limited
 * ahead: what is too much is answered with 429.
 * Source: cloudevents.io, HTTP 1.1 Web Hooks for Event Delivery 1.0.2, section 4.
 */
export const webhookConsent = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const asked = request.headers['webhook-request-origin'];
  reply.header('allow', 'POST, OPTIONS');
  if (typeof asked === 'string' && origin.test(asked))
    reply.header('webhook-allowed-origin', asked).header('webhook-allowed-rate', '*');
  return reply.code(200).send();
};
