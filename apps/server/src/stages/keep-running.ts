import { setTimeout as sleep } from 'node:timers/promises';
import { mayPass } from '@tributary/kernel';
import { Trouble } from './trouble.js';

export interface Stage {
  start(): { readonly done: Promise<void> };
  stop(): Promise<void>;
}

export interface Keeping {
  /** Why it waits for an engine; `null`: it works. */
  readonly trouble: () => string | null;
  /** To be told at each sign of progress. */
  readonly progressed: () => void;
  /** Rejects with what cannot be mended by beginning anew. */
  readonly done: Promise<void>;
  /** Goes on with a new stage at once: what one is made of has changed. */
  renew(): Promise<void>;
  stop(): Promise<void>;
}

const PAUSE_MS = 1_000;
/** Without any progress for so long the process ends: whoever supervises it may know better. */
const PATIENCE_MS = 300_000;

/**
 * Keeps a stage running while engines come and go: nothing of a stage is lost by going on with a new one, so after a
 * failure that may pass a new one begins. Anything else, our own bugs first, ends it.
 */
export const keepRunning = (
  begin: () => Stage,
  onRetry: (message: string) => void,
  patience_ms = PATIENCE_MS,
): Keeping => {
  const stopping = new AbortController();
  const trouble = new Trouble();
  let progressedAt = performance.now();
  let current: Stage | undefined;
  let left: Stage | undefined;

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      current = begin();
      trouble.again();
      try {
        await current.start().done;
        if (!stopping.signal.aborted && left !== current) throw new Error('the stage ended without being told to');
      } catch (error) {
        if (stopping.signal.aborted) return;
        await current.stop().catch(() => undefined);
        if (!mayPass(error)) throw error;
        if (trouble.reason === null) progressedAt = performance.now();
        trouble.failed(error.message);
        if (performance.now() - progressedAt > patience_ms) throw error;
        onRetry(error.message);
        await sleep(PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
      }
    }
  };
  const done = run();
  done.catch(() => undefined);
  return {
    trouble: () => trouble.reason,
    progressed: () => {
      trouble.over();
      progressedAt = performance.now();
    },
    done,
    renew: async () => {
      left = current;
      await left?.stop();
    },
    stop: async () => {
      stopping.abort();
      await current?.stop();
      await done.catch(() => undefined);
    },
  };
};
