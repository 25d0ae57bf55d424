import { EngineError } from '@tributary/kernel';
import { BeyondReach, type Reach } from '@tributary/embedded';
import { type Profiles, type Today, type When } from '@tributary/query';
import { TurnBudget } from '../turn-budget.js';

/** Of a turn of the event loop: a customer takes half a millisecond or so. What more is asked for goes to the thread of reads. */
const TURN_MS = 1;

/** Most customers are some ten documents of one or two kilobytes. */
export const nearReach: Reach = { keys: 48, bytes: 96 * 1024 };

/**
 * Customers as of now, read where they are asked for: the way to the thread of reads and back is two wakings, each of which
 * waits for a core on a machine that has something to do. All other reads, and these when many come at once or a customer
 * is large, go that way, `far`.
 */
export const readNear = (near: Today, far: Profiles): Profiles => {
  const budget = new TurnBudget(TURN_MS);
  const read = async <T>(when: When | undefined, here: () => Promise<T>, there: () => Promise<T>): Promise<T> => {
    if (when?.asOf !== undefined || when?.knownAt !== undefined || budget.isOver) return there();
    budget.begin();
    try {
      return await here();
    } catch (error) {
      // The thread waits for a lock, and has the last word on what is wrong with the store.
      if (error instanceof BeyondReach || error instanceof EngineError) return there();
      throw error;
    }
  };
  return {
    ...far,
    findByIdentifier: (type, value, when) =>
      read(
        when,
        () => near.findByIdentifier(type, value),
        () => far.findByIdentifier(type, value, when),
      ),
    get: (id, when) =>
      read(
        when,
        () => near.get(id),
        () => far.get(id, when),
      ),
  };
};
