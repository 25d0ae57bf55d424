import { Refusal } from '../refusal.js';

/** Of lists, objects and what stands in them; ten thousand touchpoints in one request have some hundred thousand. */
const MOST_PARTS = 500_000;

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, OPEN_OBJECT] = Buffer.from('"\\,[{');

/**
 * Throws where a JSON text has so many parts that to read it would hold up everybody else: five megabytes of `[` take the
 * parser two seconds, and as gzip they come in five kilobytes. Only a large body can have so many; a look at one costs a few
 * milliseconds.
 */
export const checkShape = (bytes: Uint8Array): void => {
  if (bytes.length <= MOST_PARTS) return;
  let parts = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    if (isText) {
      if (byte === BACKSLASH) at++;
      else if (byte === QUOTE) isText = false;
    } else if (byte === QUOTE) isText = true;
    else if ((byte === COMMA || byte === OPEN_LIST || byte === OPEN_OBJECT) && ++parts > MOST_PARTS)
      throw new Refusal(
        413,
        'body_too_large',
        `the body holds more than ${MOST_PARTS} values`,
        'send smaller batches',
        'body',
      );
  }
};
