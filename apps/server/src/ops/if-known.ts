import { setTimeout as sleep } from 'node:timers/promises';
import { EngineError } from '@tributary/kernel';

/**
 * What engines were asked; `null` while one that is away, without its tables, or silent for `patience_ms` hides it. Our own bugs
 * still throw. Without `patience_ms` it waits for as long as it takes.
 */
export const ifKnown = async <T>(asked: Promise<T>, patience_ms?: number): Promise<T | null> => {
  const answered = new AbortController();
  try {
    if (patience_ms === undefined) return await asked;
    return await Promise.race([asked, sleep(patience_ms, null, { signal: answered.signal })]);
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  } finally {
    answered.abort();
  }
};
