import { type Logger } from 'pino';

/** An engine that is not there yet when the platform starts, and is waited for. */
export interface EngineWait {
  /** `log`, `events`, `profiles`, `keys`, `warehouse`. */
  readonly engine: string;
  /** `host:port`, or several apart by commas. */
  readonly at: string;
  /** Why it cannot be used; `null`: now it can. */
  readonly reason: string | null;
}

export type OnWait = (wait: EngineWait) => void;

/** For whoever reads logs; that it goes on shows there by itself. */
export const waitInLog =
  (logger: Logger): OnWait =>
  (wait) => {
    if (wait.reason !== null)
      logger.warn(wait, 'an engine is not there yet; it is tried again until half a minute after the start');
  };
