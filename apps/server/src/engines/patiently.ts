import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/**
 * Repeats what may be done twice while its engine is away or not ready yet, such as a topic whose leader is not chosen.
 * `onWait` is told once.
 */
export const patiently = async <T>(work: () => Promise<T>, onWait?: (error: EngineError) => void): Promise<T> => {
  const late_ms = performance.now() + PATIENCE_MS;
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof EngineError) || error.failure === 'fatal' || performance.now() > late_ms) throw error;
      if (tries === 1) onWait?.(error);
    }
    await sleep(PAUSE_MS);
  }
};
