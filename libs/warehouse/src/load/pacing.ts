import { type EngineError, mayPass } from '@tributary/kernel';

/** Resolves after a while, or at once when the signal says stop. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });

/** Lets other work of this thread have its turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** An outage that is over is noticed within the last of these. */
const PATIENCE_MS = [100, 500, 2_000];

export interface Retrying {
  readonly signal: AbortSignal;
  readonly onRetry?: (error: EngineError) => void;
}

/** Begins `work` anew after a failure that may pass, until it resolves or the signal says so; any other is thrown. */
export const retrying = async (
  { signal, onRetry }: Retrying,
  work: (succeeded: () => void) => Promise<void>,
): Promise<void> => {
  for (let failures = 0; ;) {
    try {
      return await work(() => (failures = 0));
    } catch (error) {
      if (!mayPass(error)) throw error;
      onRetry?.(error);
      await pause(PATIENCE_MS[Math.min(failures++, PATIENCE_MS.length - 1)] as number, signal);
      if (signal.aborted) return;
    }
  }
};
