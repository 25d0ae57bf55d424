/**
 * What the caller of an engine may do about a failure.
 * - `retriable`: the engine was away or busy; the same call may succeed later. Nothing is known to have happened.
 * - `unknown`: the answer was lost; read back before trying again.
 * - `fatal`: the same call can never succeed.
 */
export type EngineFailure = 'retriable' | 'unknown' | 'fatal';

export class EngineError extends Error {
  constructor(
    readonly engine: string,
    readonly failure: EngineFailure,
    /** What it says of itself; the message names the engine before it. */
    readonly reason: string,
    options?: { cause?: unknown },
  ) {
    super(`${engine}: ${reason}`, options);
    this.name = 'EngineError';
  }
}

/** Whether the engine may do it later, so that it can be waited for. Anything else is a bug of ours, or wants a person. */
export const mayPass = (error: unknown): error is EngineError =>
  error instanceof EngineError && error.failure !== 'fatal';

/** What an error says to people; of whatever else was thrown, its text. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Somebody else wrote to the stream first: load again and decide again. Never blindly retried. */
export class WrongExpectedRevision extends Error {
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super(`stream ${stream} is at revision ${actual}, expected ${expected}`);
    this.name = 'WrongExpectedRevision';
  }
}

/** The store is full (disk, quota): pressure belongs at the door (503), not in memory. */
export class StoreFull extends EngineError {
  constructor(engine: string, cause?: unknown) {
    super(engine, 'retriable', 'no space left on the device; free some, then retry', { cause });
    this.name = 'StoreFull';
  }
}
