import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type Answer } from './exchange.js';
import { isBroken } from './retry.js';

const exitOf = (status: number, code: unknown): ExitCode => {
  if (status === 404 || code === 'unknown_channel') return ExitCode.notFound;
  if (status === 401 || status === 403 || status === 409) return ExitCode.refused;
  if (status === 429 || status === 503) return ExitCode.unreachable;
  return status >= 400 && status < 500 ? ExitCode.usage : ExitCode.failed;
};

/** The server's refusal, `{ error: { code, message, field, remedy } }`, as a failure of the command. */
export const failureOfAnswer = ({ status, text }: Answer): Failure => {
  const { code, message, remedy, field } = errorIn(text);
  const where =
    typeof field === 'string' && typeof message === 'string' && !message.includes(field) ? ` (${field})` : '';
  return new Failure(
    exitOf(status, code),
    typeof message === 'string' ? message + where : `the server answered ${status}`,
    typeof remedy === 'string' ? remedy : null,
  );
};

const errorIn = (text: string): { code?: unknown; message?: unknown; remedy?: unknown; field?: unknown } => {
  try {
    const parsed: unknown = JSON.parse(text);
    const error = typeof parsed === 'object' && parsed !== null ? (parsed as { error?: unknown }).error : undefined;
    return typeof error === 'object' && error !== null ? error : {};
  } catch {
    return {};
  }
};

/** Nobody there: to ask again at once would not help. */
const absent = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

/** A connection that cannot be had or kept. Anything else is thrown on as it is. */
export const unreachable = (error: unknown, url: string): unknown =>
  isBroken(error) || absent.has((error as { code?: string }).code ?? '')
    ? new Failure(
        ExitCode.unreachable,
        `the server at ${url} does not answer`,
        'look whether it still runs (its log says why it stopped), then run the same command again',
        { cause: error },
      )
    : error;
