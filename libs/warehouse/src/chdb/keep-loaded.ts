/**
 * Keeps the engine's code in memory for as long as the calling thread lives. When the last thread that loaded an addon ends,
 * Node unmaps its code, under the feet of the engine's own threads: whoever opens the warehouse in a worker thread calls
 * this on the main one first.
 */
export const keepEngineLoaded = async (): Promise<void> => {
  await import('chdb');
};
