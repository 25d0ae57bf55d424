import { EngineError } from '@tributary/kernel';

/** `null`: an engine that is away hides it, and what else is scraped is told all the same. */
export const unlessAway = async <T>(ask: () => T | Promise<T>): Promise<T | null> => {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
};
