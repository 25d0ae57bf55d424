import { isUtf8 } from 'node:buffer';
import { isJsonType, isUtf8Type } from '@tributary/contracts';

/** An event, and its text in CloudEvents' JSON format. */
export interface BinaryEvent {
  readonly event: Readonly<Record<string, unknown>>;
  readonly text: () => Buffer;
}

/**
 * An event in binary mode as the JSON format has it. A body of JSON stands there byte for byte; any other as base64: what is
 * wrong with it is for the parser of events to say.
 */
export const binaryEvent = (
  headerAttributes: Readonly<Record<string, string>>,
  contentType: string | undefined,
  body: Buffer,
): BinaryEvent => {
  const attributes = {
    ...headerAttributes,
    ...(contentType === undefined ? {} : { datacontenttype: contentType }),
  };
  const data = body.length === 0 ? undefined : jsonOf(contentType, body);
  if (data !== undefined)
    return {
      event: { ...attributes, data },
      text: () => Buffer.concat([Buffer.from(`${JSON.stringify(attributes).slice(0, -1)},"data":`), body, closing]),
    };
  const event = body.length === 0 ? attributes : { ...attributes, data_base64: body.toString('base64') };
  return { event, text: () => Buffer.from(JSON.stringify(event)) };
};

const closing = Buffer.from('}');

/** `undefined`: it is none, or said to be none. */
const jsonOf = (contentType: string | undefined, body: Buffer): unknown => {
  const isSaid = contentType === undefined || (isJsonType(contentType) && isUtf8Type(contentType));
  if (!isSaid || !isUtf8(body)) return undefined;
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
};
