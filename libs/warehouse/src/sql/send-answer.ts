import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Transform, type Writable } from 'node:stream';
import { createGzip } from 'node:zlib';
import { type AnswerPart } from '../chdb/protocol.js';
import { compressedBlocks } from './compressed/compressed-blocks.js';
import { contentTypeOf } from './content-type.js';
import { failureTold } from './failure-told.js';
import { httpStatusOf } from './http-status.js';
import { exceptionTag, tellMidway } from './tell-midway.js';

export interface AnswerHead {
  readonly queryId: string;
  readonly format: string;
  readonly began_ms: number;
}

const wantsGzip = ({ headers }: IncomingMessage, query: URLSearchParams): boolean =>
  query.get('enable_http_compression') !== '0' &&
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(headers['accept-encoding'] ?? '');

/** Of an answer that is begun before it is whole, ClickHouse too tells no rows. */
const common = (
  { queryId, began_ms }: Omit<AnswerHead, 'format'>,
  result?: { readonly rows?: number; readonly bytes: Uint8Array },
): Record<string, string> => ({
  'X-ClickHouse-Server-Display-Name': 'tributary',
  'X-ClickHouse-Query-Id': queryId,
  'X-ClickHouse-Timezone': 'UTC',
  'X-ClickHouse-Summary': JSON.stringify({
    read_rows: '0',
    read_bytes: '0',
    written_rows: '0',
    written_bytes: '0',
    total_rows_to_read: '0',
    result_rows: String(result?.rows ?? 0),
    result_bytes: String(result?.rows === undefined ? 0 : result.bytes.length),
    elapsed_ns: String(Math.round((performance.now() - began_ms) * 1e6)),
  }),
  'X-Content-Type-Options': 'nosniff',
});

/** CANNOT_SCHEDULE_TASK: places are held by questions that do not end; that takes a while. */
const HELD_CODE = 439;

/** An exception as ClickHouse tells it. */
export const sendException = (
  response: ServerResponse,
  head: Omit<AnswerHead, 'format'>,
  { code, exception, version }: { readonly code: number; readonly exception: string; readonly version: string },
): void => {
  const status = httpStatusOf(code);
  response.writeHead(status, {
    ...common(head),
    'Content-Type': 'text/plain; charset=UTF-8',
    'X-ClickHouse-Exception-Code': String(code),
    ...(status === 401 ? { 'WWW-Authenticate': 'Basic realm="ClickHouse server HTTP API"' } : {}),
    ...(status === 503 ? { 'Retry-After': code === HELD_CODE ? '60' : '1' } : {}),
  });
  response.end(`${exception} (version ${version})\n`);
};

/** What is packed or on its way at once: an answer that came whole may be large, and its reader slow. */
const PIECE_BYTES = 1_048_576;

/** Resolves when there is room again, or nobody to read; whoever makes none for so long is let go. */
const roomIn = (out: Writable, response: ServerResponse, stalled_ms: number): Promise<void> =>
  new Promise((resolve) => {
    const stalled = setTimeout(() => response.destroy(), stalled_ms);
    const done = (): void => {
      clearTimeout(stalled);
      out.off('drain', done);
      response.off('close', done);
      resolve();
    };
    out.on('drain', done);
    response.on('close', done);
  });

/**
 * Sends the bytes of an answer as they come, at the client's pace. The head waits for the first of them, so that what
 * fails before has the status of a failure; of what fails later the reason stands at the answer's broken end. Answers how many
 * bytes were sent; throws what the source throws. Two questions are answered at once: a client that takes nothing for
 * `stalled_ms` is hung up on, since it would keep the others from their turn.
 */
export const sendBytes = async (
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  head: AnswerHead,
  source: AsyncIterable<AnswerPart>,
  stalled_ms: number,
): Promise<number> => {
  const tag = exceptionTag();
  let out: Writable | undefined;
  let packer: Transform | undefined;
  let sent = 0;
  const begin = (first?: AnswerPart): Writable => {
    const blocks = query.get('compress') === '1';
    // What is packed in blocks leaves gzip nothing to do.
    const gzip = !blocks && wantsGzip(request, query);
    response.writeHead(200, {
      ...common(head, first),
      'Content-Type': contentTypeOf(head.format),
      'X-ClickHouse-Format': head.format,
      'X-ClickHouse-Exception-Tag': tag,
      ...(gzip ? { 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' } : {}),
    });
    if (!blocks && !gzip) return response;
    packer = blocks ? compressedBlocks() : createGzip({ level: 1 });
    packer.pipe(response);
    return packer;
  };
  try {
    for await (const part of source) {
      const { bytes } = part;
      out ??= begin(part);
      sent += bytes.length;
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
        if (response.destroyed) return sent;
        if (!out.write(bytes.subarray(at, at + PIECE_BYTES))) await roomIn(out, response, stalled_ms);
      }
    }
  } catch (error) {
    const { exception } = failureTold(error);
    if (out && !response.destroyed) await tellMidway(response, packer, { tag, exception, stalled_ms });
    throw error;
  }
  out ??= begin();
  response.setTimeout(stalled_ms, () => response.destroy());
  out.end();
  return sent;
};
