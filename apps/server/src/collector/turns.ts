import { setImmediate as nextTurn } from 'node:timers/promises';

/** How many items are taken before others get their turn: at 20 µs an item, less than a millisecond. */
const TURN = 32;

/** Does `work` for each index; a large batch lets other requests in between, so that a profile is answered meanwhile. */
export const inTurns = async (count: number, work: (index: number) => void): Promise<void> => {
  for (let from = 0; from < count; from += TURN) {
    if (from > 0) await nextTurn();
    for (let index = from; index < Math.min(count, from + TURN); index++) work(index);
  }
};
