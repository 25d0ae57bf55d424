import { EngineError } from '@tributary/kernel';
import { type CustomerRows } from '@tributary/warehouse';
import { customerRowsFrom } from './customer-rows.js';
import { type LoadingDeps } from './loading-deps.js';

/**
 * Documents that were lost say of everybody that there is nobody, and rows made of them would never be made again: the feed does
 * not tell twice. Throws, so that it is tried again later, unless all documents tell of the events up to there; answers which
 * documents these are.
 */
export const requireReach = async (
  { madeTo }: Pick<LoadingDeps, 'madeTo'>,
  position: number,
): Promise<string | undefined> => {
  const made = await madeTo?.();
  if (!made || (made.whole ? made.position : (made.before ?? made.position)) >= position) return made?.life;
  throw new EngineError(
    'documents',
    'retriable',
    `profiles tell of events up to ${made.position}, not yet to ${position}: ${REBUILT}`,
  );
};

const REBUILT = 'they were lost or set back, and are being rebuilt';

/**
 * Rows of customers as their documents say. Between a message and the rows that are made because of it, or while these are
 * made, documents may be lost: then there are none.
 */
export const reachingRows = (deps: Pick<LoadingDeps, 'store' | 'clock' | 'madeTo'>): CustomerRows => {
  const rows = customerRowsFrom(deps.store.documents, () => deps.clock.now());
  if (!deps.madeTo) return rows;
  return async (ids, feed, sequences) => {
    const told = ids.reduce((newest, id) => Math.max(newest, sequences.get(id) ?? -1), -1);
    const life = await requireReach(deps, told);
    const batches = await rows(ids, feed, sequences);
    if ((await requireReach(deps, told)) === life) return batches;
    throw new EngineError('documents', 'retriable', `profiles are others than a moment ago: ${REBUILT}`);
  };
};
