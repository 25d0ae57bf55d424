import { type Socket } from 'node:net';
import { MAX_QUERY_BYTES } from './request-body.js';

/** Who still sends is listened to for so long, that he hears the answer and no broken pipe. */
const LISTEN_MS = 2_000;

const refusal = (status: string, code: number, exception: string): string => {
  const body = `Code: ${code}. DB::Exception: ${exception}\n`;
  return (
    `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=UTF-8\r\nX-ClickHouse-Exception-Code: ${code}\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  );
};

const refusals: Readonly<Record<string, string>> = {
  HPE_HEADER_OVERFLOW: refusal(
    '431 Request Header Fields Too Large',
    229,
    `Query is too large: more than ${MAX_QUERY_BYTES} bytes in the address. (QUERY_IS_TOO_LARGE)`,
  ),
  ERR_HTTP_REQUEST_TIMEOUT: refusal(
    '408 Request Timeout',
    209,
    'The request took too long to arrive. (SOCKET_TIMEOUT)',
  ),
};
const unreadable = refusal('400 Bad Request', 27, 'This is no HTTP request. (CANNOT_PARSE_INPUT_ASSERTION_FAILED)');

/** Answers what is no request (its address is too long, say) as ClickHouse tells exceptions, and hangs up. */
export const refuseUnreadable = (error: Error & { readonly code?: string }, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  socket.end(refusals[error.code ?? ''] ?? unreadable);
  socket.on('error', () => {}).resume();
  setTimeout(() => socket.destroy(), LISTEN_MS).unref();
};
