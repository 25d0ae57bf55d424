import { setTimeout as sleep } from 'node:timers/promises';
import { type SoleTurn } from '@tributary/kafka';
import { mayPass } from '@tributary/kernel';

/** What is done in one turn. */
export interface Tenure {
  stop(): Promise<void>;
}

export interface WorkingInTurns<T extends Tenure> {
  /** `null`: another process works, or it is not sure which. */
  current(): T | null;
  /** Rejects with what cannot be mended by beginning anew. */
  readonly done: Promise<never>;
  stop(): Promise<void>;
}

export interface InTurns<T extends Tenure> {
  readonly turn: Pick<SoleTurn, 'current' | 'done'>;
  /** Begins the work; whatever it writes must ask `isOurs` first. */
  readonly begin: (isOurs: () => boolean) => Promise<T>;
  readonly onRetry: (message: string) => void;
  readonly onTurn?: (state: 'begins' | 'lost') => void;
  readonly look_ms?: number;
}

const LOOK_MS = 200;
const PAUSE_MS = 1_000;

/** Works while the turn is ours, and waits for it while it is not; a turn that was lost and came back is a new one. */
export const whileOurs = <T extends Tenure>(inTurns: InTurns<T>): WorkingInTurns<T> => {
  const { turn, begin, onRetry, onTurn, look_ms = LOOK_MS } = inTurns;
  const stopping = new AbortController();
  const { signal } = stopping;
  let tenure: T | null = null;
  let fail!: (error: unknown) => void;
  const done = new Promise<never>((_, reject) => (fail = reject));
  done.catch(() => undefined);
  turn.done.catch(fail);
  const pause = (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

  const serve = async (mine: number): Promise<void> => {
    const isOurs = (): boolean => turn.current() === mine;
    onTurn?.('begins');
    tenure = await begin(isOurs);
    try {
      while (!signal.aborted && isOurs()) await pause(look_ms);
    } finally {
      const ended = tenure;
      tenure = null;
      await ended.stop();
    }
    if (!signal.aborted) onTurn?.('lost');
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      const mine = turn.current();
      if (mine === null) await pause(look_ms);
      else
        await serve(mine).catch(async (error: unknown) => {
          if (signal.aborted) return;
          if (!mayPass(error)) throw error;
          onRetry(error.message);
          await pause(PAUSE_MS);
        });
    }
  };
  const running = run().catch(fail);
  return {
    current: () => tenure,
    done,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
