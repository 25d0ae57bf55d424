import { type IncomingMessage } from 'node:http';
import { invalid, Refusal } from '../../refusal.js';
import { parseJson } from '../body.js';
import { binaryEvent } from './binary-event.js';
import { contentModeOf } from './content-mode.js';
import { elementTexts } from './element-texts.js';
import { headerAttributes } from './header-attributes.js';

/** The events of one request, in whichever mode they came; each can be told as it came, in the JSON format. */
export interface GivenEvents {
  readonly events: readonly unknown[];
  readonly textOf: (index: number) => Buffer;
  readonly positionOf: (index: number) => string;
}

const alone = (event: unknown, text: () => Buffer): GivenEvents => ({
  events: [event],
  textOf: text,
  positionOf: () => 'cloudevent',
});

/**
 * Throws where the request cannot be read: what an event says is not looked at. `bytes`: its body, plain. The specification's
 * own SDK (`cloudevents` 10) does not serve: it refuses a batch for one event that is wrong, decodes no header, dates what has
 * no time, and keeps nothing of an event's text, which the quarantine must.
 */
export const givenEvents = (
  { headers, rawHeaders }: Pick<IncomingMessage, 'headers' | 'rawHeaders'>,
  bytes: Buffer,
  most: number,
): GivenEvents => {
  const contentType = headers['content-type'];
  switch (contentModeOf(contentType)) {
    case 'binary': {
      const { event, text } = binaryEvent(headerAttributes(rawHeaders), contentType, bytes);
      return alone(event, text);
    }
    case 'structured': {
      const event = parseJson(bytes);
      if (typeof event !== 'object' || event === null || Array.isArray(event))
        throw invalid(
          'body',
          'the body is no object',
          'send one event, or a list as application/cloudevents-batch+json',
        );
      return alone(event, () => bytes);
    }
    case 'batched': {
      const events = parseJson(bytes);
      if (!Array.isArray(events))
        throw invalid('body', 'the body is no list', 'send a list, or one event as application/cloudevents+json');
      if (events.length > most)
        throw new Refusal(
          413,
          'too_many_items',
          `more than ${most} events in one request`,
          'send smaller batches',
          'body',
        );
      let texts: readonly Buffer[] | undefined;
      return {
        events,
        textOf: (index) => (texts ??= elementTexts(bytes))[index] as Buffer,
        positionOf: (index) => `cloudevents[${index}]`,
      };
    }
  }
};
