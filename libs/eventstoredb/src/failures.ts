import { status, type ServiceError } from '@grpc/grpc-js';
import { EngineError, type EngineFailure } from '@tributary/kernel';
import { ENGINE } from './address.js';

export const failure = (kind: EngineFailure, message: string, cause?: unknown): EngineError =>
  new EngineError(ENGINE, kind, message, cause === undefined ? {} : { cause });

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && 'code' in error && typeof error.code === 'number';

/** Codes with which the server, a proxy or the connection says: not now. */
const passing = new Set<number>([
  status.UNAVAILABLE,
  status.CANCELLED,
  status.ABORTED,
  status.DEADLINE_EXCEEDED,
  status.RESOURCE_EXHAUSTED,
]);

/**
 * Said with codes that mean something else: a broken HTTP/2 stream, an election, users that cannot be looked up just now, a
 * call that the server itself abandons (KurrentDB ends open calls so when it is stopped), a proxy without its server.
 */
const passingDetails =
  /RST_STREAM|write after end|connection|no leader info|leader info available|not ready|too busy|internal server error|thrown by handler|HTTP status code 5\d\d/i;

/** `exception` in the trailers is how the server tells its own refusals apart. */
const exceptionOf = (error: ServiceError): string | undefined => error.metadata?.get('exception')[0]?.toString();

export const isStreamDeleted = (error: unknown): boolean =>
  isServiceError(error) && exceptionOf(error) === 'stream-deleted';

const refusals = new Set<number>([status.UNAUTHENTICATED, status.PERMISSION_DENIED, status.UNIMPLEMENTED]);

/** The server lets no such call in, whatever it carries: wrong credentials, or a version before 21.10. */
export const refusesAll = (error: unknown): boolean => isServiceError(error) && refusals.has(error.code);

/** Thrown by the client when no member of a cluster could be found. */
export const isUndiscovered = (error: unknown): boolean =>
  error instanceof Error && error.message.startsWith('Failed to discover');

/** No event begins where one was read before. */
const isNoPosition = ({ code, details }: ServiceError): boolean =>
  code === status.INVALID_ARGUMENT && /invalid position/i.test(details ?? '');

const OLDER =
  'it holds nothing at the position up to which it was read: it is older than that (restored from a backup?), or another one. ' +
  'Bring back the newer one, or have all that is made of it made anew: docs/guide/running.md';

/** A failed call that changes nothing on the server (reads, features): try again later, or never. */
export const ofCall = (error: unknown): EngineError => {
  if (error instanceof EngineError) return error;
  if (!isServiceError(error)) throw error;
  if (isNoPosition(error)) return failure('retriable', OLDER, error);
  const text = `${status[error.code] ?? error.code}: ${error.details}`;
  const retriable =
    passing.has(error.code) || exceptionOf(error) === 'not-leader' || passingDetails.test(error.details ?? '');
  return failure(retriable ? 'retriable' : 'fatal', text, error);
};
