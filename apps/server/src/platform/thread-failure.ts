import { EngineError, type EngineFailure, messageOf } from '@tributary/kernel';

/** An error as it comes between threads, where it loses its class. */
export interface ThreadFailure {
  readonly message: string;
  /** An engine's, and of what kind; absent: a bug of ours. */
  readonly failure?: EngineFailure;
}

export const failedBy = (error: unknown): ThreadFailure => ({
  message: messageOf(error),
  ...(error instanceof EngineError ? { failure: error.failure } : {}),
});

export const thrownThere = (engine: string, { message, failure }: ThreadFailure): Error =>
  failure === undefined ? new Error(message) : new EngineError(engine, failure, message);
