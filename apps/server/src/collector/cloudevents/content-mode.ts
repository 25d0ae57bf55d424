import { isUtf8Type } from '@tributary/contracts';
import { Refusal } from '../../refusal.js';

/** How a request carries CloudEvents: attributes as headers, one event as JSON, or a list of them. */
export type ContentMode = 'binary' | 'structured' | 'batched';

const anyFormat = /^\s*application\/cloudevents/i;
const jsonFormat = /^\s*application\/cloudevents(-batch)?\+json\s*(?:;|$)/i;

/**
 * What the content type says. Throws 415 for a format of events other than JSON in UTF-8; what is no format of events is
 * the data of one in binary mode.
 * Source: cloudevents.io, HTTP Protocol Binding 1.0.2, section 3.
 */
export const contentModeOf = (contentType: string | undefined): ContentMode => {
  if (contentType === undefined || !anyFormat.test(contentType)) return 'binary';
  const json = jsonFormat.exec(contentType);
  if (json !== null && isUtf8Type(contentType)) return json[1] === undefined ? 'structured' : 'batched';
  throw new Refusal(
    415,
    'unsupported_media_type',
    'the content type is not a format of CloudEvents that this door takes',
    'send application/cloudevents+json or application/cloudevents-batch+json, in UTF-8',
    'Content-Type',
  );
};
