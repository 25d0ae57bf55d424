import { setTimeout as sleep } from 'node:timers/promises';
import { mayPass } from '@tributary/kernel';

export const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;
/** A little more than what most clients give a connection, so that what they say comes first. */
const SILENT_MS = 5_500;

export interface Patience {
  /** Of `performance.now()`: what fails later fails. Half a minute from now unless told. */
  readonly late_ms?: number;
  /** Nothing is waited for any more: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told why when the first try has failed; before that, when nothing has come for so long. */
  readonly onWait?: (reason: string) => void;
  readonly silent_ms?: number;
}

/** Repeats what may be done twice while its engine is away or not ready yet, such as a topic whose leader is not chosen. */
export const patiently = async <T>(
  work: () => Promise<T>,
  { late_ms = performance.now() + PATIENCE_MS, signal, onWait, silent_ms = SILENT_MS }: Patience = {},
): Promise<T> => {
  const silence = setTimeout(() => onWait?.(`no answer within ${silent_ms / 1_000} s`), silent_ms);
  try {
    for (let tries = 1; ; tries++) {
      try {
        return await work();
      } catch (error) {
        if (!mayPass(error) || performance.now() > late_ms) throw error;
        clearTimeout(silence);
        if (tries === 1) onWait?.(error.message);
      }
      signal?.throwIfAborted();
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  } finally {
    clearTimeout(silence);
  }
};
