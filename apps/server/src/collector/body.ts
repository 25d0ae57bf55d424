import { isUtf8 } from 'node:buffer';
import { promisify } from 'node:util';
import { gunzip, gunzipSync } from 'node:zlib';
import { Refusal } from '../refusal.js';
import { checkShape } from './json-shape.js';

const gunzipAway = promisify(gunzip);

/** Below this, inflating here costs less than the way to another thread and back. */
const HERE_BYTES = 16_384;

export type Encoding = 'identity' | 'gzip';

export const encodingOf = (header: string | undefined): Encoding => {
  const encoding = header?.trim().toLowerCase() ?? '';
  if (encoding === '' || encoding === 'identity') return 'identity';
  if (encoding === 'gzip' || encoding === 'x-gzip') return 'gzip';
  throw new Refusal(
    415,
    'unsupported_encoding',
    'the content encoding is not one that this door takes',
    'send the body plain or as gzip',
    'Content-Encoding',
  );
};

export const tooLarge = (limit_bytes: number): Refusal =>
  new Refusal(413, 'body_too_large', `the body is larger than ${limit_bytes} bytes`, 'send smaller batches', 'body');

/** The plain body; never more than `limit_bytes` of it come into being. */
export const inflate = async (body: Buffer, limit_bytes: number): Promise<Buffer> => {
  const options = { maxOutputLength: limit_bytes };
  try {
    return body.length < HERE_BYTES && limit_bytes <= 8 * 2 ** 20 && announcedLength(body) < HERE_BYTES * 8
      ? gunzipSync(body, options)
      : await gunzipAway(body, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(limit_bytes);
    throw new Refusal(
      400,
      'broken_gzip',
      'the body is not a whole gzip stream',
      'send the stream to its end, or send the body plain',
      'body',
    );
  }
};

/** A gzip stream ends with its inflated length (modulo 2^32); a hint for where to inflate, never trusted as a bound. */
const announcedLength = (body: Buffer): number => (body.length < 18 ? 0 : body.readUInt32LE(body.length - 4));

/** The JSON value of a body. The engine's own messages quote the text, so they are not passed on. */
export const parseJson = (bytes: Buffer): unknown => {
  if (bytes.length === 0) throw new Refusal(400, 'empty_body', 'the body is empty', 'send a JSON body', 'body');
  if (!isUtf8(bytes))
    throw new Refusal(400, 'invalid_utf8', 'the body is not valid UTF-8', 'encode the text as UTF-8', 'body');
  checkShape(bytes);
  try {
    return JSON.parse(bytes.toString());
  } catch (error) {
    const at = /position (\d+)/.exec((error as Error).message)?.[1];
    throw new Refusal(
      400,
      'malformed_json',
      `the body is not valid JSON${at === undefined ? '' : ` (near character ${at})`}`,
      'check quotes, commas and brackets, and that the body was sent whole',
      'body',
    );
  }
};

const json = /^application\/(?:[a-z0-9.+-]+\+)?json\b/i;

/** What else than JSON a body may be called. */
export interface OtherLabels {
  /** Browsers’ beacons. */
  readonly plain: boolean;
  /** Libraries that compress the body before axios sees it: to axios, bytes without a label are a form. */
  readonly form: boolean;
}

/** Throws 415 for a content type that is not JSON; an absent one counts as JSON. */
export const checkJsonType = (header: string | undefined, may: OtherLabels): void => {
  if (header === undefined || json.test(header)) return;
  if (may.plain && /^text\/plain\b/i.test(header)) return;
  if (may.form && /^application\/x-www-form-urlencoded\b/i.test(header)) return;
  throw new Refusal(
    415,
    'unsupported_media_type',
    'the content type is not JSON',
    'send JSON with content-type: application/json',
    'Content-Type',
  );
};
