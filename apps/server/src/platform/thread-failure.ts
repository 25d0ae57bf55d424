import { EngineError, type EngineFailure, messageOf, StoreFull } from '@tributary/kernel';

/** An error as it comes between threads, where it loses its class. */
export interface ThreadFailure {
  readonly message: string;
  /** An engine's; absent: a bug of ours. */
  readonly of?: {
    readonly engine: string;
    readonly failure: EngineFailure;
    readonly reason: string;
    readonly isFull?: true;
  };
}

export const failedBy = (error: unknown): ThreadFailure => {
  const message = messageOf(error);
  if (!(error instanceof EngineError)) return { message };
  const { engine, failure, reason } = error;
  return { message, of: { engine, failure, reason, ...(error instanceof StoreFull && { isFull: true }) } };
};

export const thrownThere = ({ message, of }: ThreadFailure): Error => {
  if (of === undefined) return new Error(message);
  return of.isFull ? new StoreFull(of.engine) : new EngineError(of.engine, of.failure, of.reason);
};
