import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer } from './exchange.js';

export interface Patience {
  /** Time after which the last answer or error is taken for what it is. */
  readonly total_ms: number;
  readonly signal?: AbortSignal;
  /** Told of each pause. */
  readonly onWait?: (ms: number) => void;
  readonly now?: () => number;
}

const FIRST_MS = 200;
const LONGEST_MS = 10_000;
/** Connections that broke: what was sent may or may not have arrived, so only what may be repeated comes here. */
const broken = new Set(['ECONNRESET', 'ECONNREFUSED', 'EPIPE', 'ETIMEDOUT']);

export const isBroken = (error: unknown): boolean => broken.has((error as { code?: string }).code ?? '');

/**
 * Sends what is harmless to repeat until it is answered with something else than 429 or 503: waits as long as
 * `Retry-After` says, or twice as long each time; a connection that broke counts as such an answer.
 */
export const patiently = async (
  send: () => Promise<Answer>,
  { total_ms, signal, onWait, now = Date.now }: Patience,
): Promise<Answer> => {
  const until = now() + total_ms;
  for (let pause = FIRST_MS; ; pause = Math.min(pause * 2, LONGEST_MS)) {
    let answer: Answer | undefined;
    let failure: unknown;
    try {
      answer = await send();
      if (answer.status !== 429 && answer.status !== 503) return answer;
    } catch (error) {
      if (!isBroken(error)) throw error;
      failure = error;
    }
    const wait_ms = (answer && retryAfter(answer, now())) ?? pause;
    if (now() + wait_ms > until) {
      if (answer) return answer;
      throw failure;
    }
    onWait?.(wait_ms);
    await sleep(wait_ms, undefined, signal ? { signal } : {});
  }
};

/** `Retry-After` in seconds or as a date; `undefined` where it is neither. */
const retryAfter = ({ headers }: Answer, now: number): number | undefined => {
  const text = headers['retry-after'];
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
};
