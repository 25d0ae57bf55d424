import { isProjectedAsNow, noteProjectedAsNow } from '@tributary/pipeline';
import { type Logger } from 'pino';
import { type OwnWork } from '../ops/one-at-a-time.js';
import { type Operations } from '../ops/operations.js';
import { type Stores } from './open-stores.js';

/** A rebuild leaves everything as this program makes it, and says so in the store. */
export const noting =
  ({ store }: Pick<Stores, 'store'>, rebuild: Operations['rebuild']): Operations['rebuild'] =>
  async () => {
    const report = await rebuild();
    await noteProjectedAsNow(store);
    return report;
  };

/** To be asked before anything is projected; a store that is empty is marked as this program's. */
export const isOfThisProgram = async ({ store }: Pick<Stores, 'store'>): Promise<boolean> => {
  const isIt = await isProjectedAsNow(store);
  if (isIt) await noteProjectedAsNow(store);
  return isIt;
};

export interface Bringing extends OwnWork {
  /** That it is cut short is no news any more. */
  stop(): Promise<void>;
}

/**
 * After an upgrade, profiles and tables hold what another program made of the events, and nothing but a `verify` would tell.
 * They are made anew beside those that are there, once, while everything goes on; cut short, the next start does it again.
 */
export const bringToThisProgram = ({ rebuild }: Pick<Operations, 'rebuild'>, logger: Logger): Bringing => {
  let stopping = false;
  let begun: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    logger.warn(BEGUN);
    return rebuild().then(
      () => logger.warn(DONE),
      (error: unknown) => {
        if (!stopping) logger.error({ err: error }, FAILED);
      },
    );
  };
  return {
    whole: () => (begun ??= begin()),
    underWay: async () => begun,
    stop: async () => void (stopping = true),
  };
};

const BEGUN =
  'profiles were made by another version of the program: they, and the tables, are made anew beside those that are there';
const DONE = 'profiles and tables are made by this version';
const FAILED =
  'profiles are still those of another version of the program; the next start makes them anew, or `tributary rebuild`';
