import { types } from 'node:util';
import { EngineError, type EngineFailure, StoreFull } from '@tributary/kernel';
import { ENGINE } from './redis-url.js';

/** Replies that say "not now": the server is loading, busy, failing over, has too many clients, or refuses all writes for a while. */
const notNow =
  /^(LOADING|BUSY|TRYAGAIN|CLUSTERDOWN|MASTERDOWN|READONLY|NOREPLICAS|MISCONF|MOVED|ASK|NOSCRIPT|ERR max number of clients)\b/;
const full = /^OOM\b|No space left on device/;
/** The command was never sent. */
const notSent =
  /Stream isn't writeable|Cluster isn't ready|None of startup nodes|Failed to refresh slots|Cluster is ended|All sentinels are unreachable/;
const away = /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|connect ETIMEDOUT/;
/** It was sent, and its answer is lost. */
const answerLost =
  /^timeout$|timed out|max retries per request|Connection is closed|aborted due to connection close|ECONNRESET|EPIPE|Socket timeout|Too many Cluster redirections/;

const failureOf = ({ name, message }: Error): EngineFailure => {
  if (name === 'ReplyError') return notNow.test(message) ? 'retriable' : 'fatal';
  if (notSent.test(message) || away.test(message)) return 'retriable';
  return answerLost.test(message) ? 'unknown' : 'fatal';
};

const MESSAGE_LENGTH = 200;

export interface Reason {
  readonly failure: EngineFailure;
  readonly message: string;
}

/** What the client threw, in words that may be logged: the original carries the command with its arguments. */
export const reasonOf = (error: unknown): Reason =>
  types.isNativeError(error)
    ? { failure: failureOf(error), message: inWords(error.message).slice(0, MESSAGE_LENGTH) }
    : { failure: 'fatal', message: 'failed without an error' };

/**
 * What the client threw, as the platform knows errors. The original is not kept as a cause: it carries the command with
 * its arguments, which are documents of people.
 */
export const toEngineError = (error: unknown): EngineError => {
  if (error instanceof EngineError) return error;
  const { failure, message } = reasonOf(error);
  return full.test(message) ? new StoreFull(ENGINE, message) : new EngineError(ENGINE, failure, message);
};

/** The client's way to say that it has no connection tells an operator nothing. */
const inWords = (message: string): string =>
  /^Stream isn't writeable/.test(message) ? 'not connected: the server is away, or does not answer' : message;

const gravity: Readonly<Record<EngineFailure, number>> = { retriable: 0, unknown: 1, fatal: 2 };

/** Of several failures of one call, the one that says most about what its caller may do. */
export const gravest = (errors: readonly EngineError[]): EngineError | undefined =>
  [...errors].sort((a, b) => gravity[b.failure] - gravity[a.failure])[0];
