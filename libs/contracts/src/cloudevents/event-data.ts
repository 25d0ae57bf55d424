import { isUtf8 } from 'node:buffer';
import { refuse, Refusal, shapeOf } from '../door/problem.js';
import { isRecord, refuseUnknown } from '../door/record.js';

type Event = Readonly<Record<string, unknown>>;

/** What an event says, as the native envelope has it. */
export interface EventData {
  readonly identifiers: unknown;
  readonly payload: unknown;
}

const names = ['identifiers', 'payload'];

/** The `data` of an event in the JSON format, whether it stands there as JSON or as the base64 of JSON. */
export const dataOf = (event: Event): EventData => {
  checkContentType(event['datacontenttype']);
  const data = contentOf(event);
  if (!isRecord(data))
    return refuse(
      'data',
      isStated(data) ? 'wrong_type' : 'missing',
      data,
      'a JSON object',
      'Send {"identifiers": [{"type": "phone", "value": "…"}], "payload": {…}}.',
    );
  for (const name in data) if (!names.includes(name)) return refuseUnknown('data', name, data[name], names);
  return { identifiers: data['identifiers'], payload: data['payload'] };
};

const isStated = (value: unknown): boolean => value !== undefined && value !== null;

const contentOf = ({ data, data_base64: encoded }: Event): unknown => {
  if (!isStated(encoded)) return data;
  if (isStated(data))
    return refuse(
      'data_base64',
      'unknown_field',
      encoded,
      'nothing beside data',
      'Send data or data_base64, not both.',
    );
  return parsed(decoded(encoded));
};

const decoded = (encoded: unknown): Buffer => {
  // Characters that are not base64 are skipped by the decoder: what is left would be other bytes than those sent.
  if (typeof encoded !== 'string' || encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded))
    return refuse('data_base64', 'wrong_type', encoded, 'base64 text', 'Encode the bytes of data as base64, padded.');
  return Buffer.from(encoded, 'base64');
};

const parsed = (bytes: Buffer): unknown => {
  if (bytes.length > 0 && isUtf8(bytes))
    try {
      return JSON.parse(bytes.toString());
    } catch {
      // The engine's own message quotes the text.
    }
  throw new Refusal({
    field: 'data',
    code: bytes.length === 0 ? 'missing' : 'malformed_json',
    found: bytes.length === 0 ? shapeOf(undefined) : `${bytes.length} bytes that are not JSON`,
    expected: 'JSON in UTF-8',
    remedy: 'Check quotes, commas, brackets and the encoding, and that it was sent whole.',
  });
};

const json = /^\s*[\w!#$&^.+-]+\/(?:[\w!#$&^.+-]+\+)?json\s*(?:;|$)/i;
const charset = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]+))/i;

/** Whether a media type says that what it is of is JSON: `application/json`, or one that ends in `+json`. */
export const isJsonType = (mediaType: string): boolean => json.test(mediaType);

/** Whether a media type says nothing else than UTF-8 of its encoding (or ASCII, which is UTF-8). */
export const isUtf8Type = (mediaType: string): boolean => {
  const [, quoted, plain = quoted] = charset.exec(mediaType) ?? [];
  return plain === undefined || /^(?:utf-?8|us-ascii)$/i.test(plain);
};

const checkContentType = (value: unknown): void => {
  if (!isStated(value)) return;
  if (typeof value === 'string' && isJsonType(value) && isUtf8Type(value)) return;
  refuse(
    'datacontenttype',
    typeof value === 'string' ? 'not_one_of' : 'wrong_type',
    value,
    'application/json, or a type that ends in +json, in UTF-8',
    'Send data as JSON.',
  );
};
