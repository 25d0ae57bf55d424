import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';

export const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

export interface Patience {
  /** Of `performance.now()`: what fails later fails. Half a minute from now unless told. */
  readonly late_ms?: number;
  /** Nothing is waited for any more: rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told once. */
  readonly onWait?: (error: EngineError) => void;
}

/** Repeats what may be done twice while its engine is away or not ready yet, such as a topic whose leader is not chosen. */
export const patiently = async <T>(
  work: () => Promise<T>,
  { late_ms = performance.now() + PATIENCE_MS, signal, onWait }: Patience = {},
): Promise<T> => {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure === 'fatal' || performance.now() > late_ms) throw error;
      if (tries === 1) onWait?.(error);
    }
    signal?.throwIfAborted();
    await sleep(PAUSE_MS, undefined, { signal }).catch(() => signal?.throwIfAborted());
  }
};
