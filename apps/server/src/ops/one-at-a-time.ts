import { EngineError, StoreFull } from '@tributary/kernel';
import { Refusal, RETRY_AFTER_S } from '../refusal.js';
import { type Operations } from './operations.js';

/** What the platform does by itself, once. None of it rejects. */
export interface OwnWork {
  /** Begins it, unless it has begun; resolves when it is done. */
  readonly whole: () => Promise<void>;
  /** Resolves when it is done, if it has begun. */
  readonly underWay: () => Promise<void>;
}

const nothing: OwnWork = { whole: async () => undefined, underWay: async () => undefined };

/**
 * Orders to the platform as a whole are carried out one at a time: another is refused meanwhile, and may be given again.
 *
 * @param own comes before them; a rebuild is all of it, and waits for it only where it has begun
 */
export const oneAtATime = (operations: Operations, own: OwnWork = nothing): Operations => {
  let running: string | undefined;
  const alone = async <T>(name: string, work: () => Promise<T>, before = own.whole): Promise<T> => {
    if (running !== undefined)
      throw new Refusal(409, 'already_running', `${running} is running`, 'wait for it to end, then ask again');
    running = name;
    try {
      await before();
      return await work();
    } catch (error) {
      throw error instanceof EngineError && !(error instanceof StoreFull) ? told(name, error) : error;
    } finally {
      running = undefined;
    }
  };
  const { backup } = operations;
  return {
    verify: () => alone('verify', () => operations.verify()),
    rebuild: () => alone('rebuild', () => operations.rebuild(), own.underWay),
    endRetention: (reason) => alone('end-retention', () => operations.endRetention(reason)),
    ...(backup ? { backup: (folder) => alone('backup', () => backup(folder)) } : {}),
  };
};

/** Nothing that came in: an operator asked, and may have to mend it. The engines' messages hold no personal data (`StatementFailed`). */
const told = (name: string, { message, failure }: EngineError): Refusal =>
  failure === 'fatal'
    ? new Refusal(500, 'engine_failed', `${name} was given up: ${message}`, 'mend what that names, then ask again')
    : new Refusal(
        503,
        'engine_unavailable',
        `${name} was given up: ${message}`,
        'ask again when what that names is over',
        null,
        { 'retry-after': RETRY_AFTER_S.engine },
      );
