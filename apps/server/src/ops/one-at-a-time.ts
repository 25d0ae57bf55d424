import { EngineError } from '@tributary/kernel';
import { Refusal } from '../refusal.js';
import { type Operations } from './operations.js';

/**
 * Orders to the platform as a whole are carried out one at a time: another is refused meanwhile, and may be given again.
 *
 * @param own what the platform does by itself, and never rejects: for that, which is once, they wait
 */
export const oneAtATime = (operations: Operations, own: Promise<void> = Promise.resolve()): Operations => {
  let running: string | undefined;
  const alone = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    if (running !== undefined)
      throw new Refusal(409, 'already_running', `${running} is running`, 'wait for it to end, then ask again');
    running = name;
    try {
      await own;
      return await work();
    } catch (error) {
      throw error instanceof EngineError && error.failure === 'fatal' ? told(name, error) : error;
    } finally {
      running = undefined;
    }
  };
  const { backup } = operations;
  return {
    verify: () => alone('verify', () => operations.verify()),
    rebuild: () => alone('rebuild', () => operations.rebuild()),
    endRetention: (reason) => alone('end-retention', () => operations.endRetention(reason)),
    ...(backup ? { backup: (folder) => alone('backup', () => backup(folder)) } : {}),
  };
};

/** Nothing that came in: an operator asked, and may have to mend it. The engines' messages hold no personal data. */
const told = (name: string, { message }: EngineError): Refusal =>
  new Refusal(500, 'engine_failed', `${name} was given up: ${message}`, 'mend what that names, then ask again');
