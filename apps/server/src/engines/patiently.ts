import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';

const PATIENCE_MS = 30_000;
const PAUSE_MS = 500;

/** Repeats what may be done twice while its engine is away or not ready yet, such as a topic whose leader is not chosen. */
export const patiently = async <T>(work: () => Promise<T>): Promise<T> => {
  for (const late_ms = performance.now() + PATIENCE_MS; ; await sleep(PAUSE_MS))
    try {
      return await work();
    } catch (error) {
      const mayPass = error instanceof EngineError && error.failure !== 'fatal';
      if (!mayPass || performance.now() > late_ms) throw error;
    }
};
