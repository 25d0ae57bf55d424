import { type IncomingMessage } from 'node:http';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Refused } from './refused.js';

/** Of a question, and of an address that one stands in. */
export const MAX_QUERY_BYTES = 262_144;

const decoders = { gzip: createGunzip, deflate: createInflate, br: createBrotliDecompress } as const;

/** The body, decompressed, within a bound. */
export const bodyOf = async (request: IncomingMessage, max_bytes: number): Promise<Buffer> => {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const decoder = encoding === 'identity' ? undefined : decoders[encoding as keyof typeof decoders];
  if (encoding !== 'identity' && decoder === undefined)
    throw new Refused(
      89,
      'UNKNOWN_COMPRESSION_METHOD',
      `Unknown compression method ${encoding.slice(0, 20)}: gzip, deflate or br.`,
    );
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of decoder ? request.pipe(decoder()) : request) {
      bytes += (chunk as Buffer).length;
      if (bytes > max_bytes)
        throw new Refused(229, 'QUERY_IS_TOO_LARGE', `Query is too large: more than ${max_bytes} bytes.`);
      parts.push(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof Refused || decoder === undefined) throw error;
    throw new Refused(354, 'ZLIB_INFLATE_FAILED', 'The compressed body is damaged or cut off.');
  }
  return Buffer.concat(parts);
};
