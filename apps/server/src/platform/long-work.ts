import { outcomeOf } from '@tributary/pipeline';
import { type Operations, type Verification } from '../ops/operations.js';
import { backupTo } from './backup.js';
import { endInput, REMAINING_IN_KAFKA } from './end-input.js';
import { noting } from './of-this-program.js';
import { type OpenChannels } from './open-channels.js';
import { type Stores } from './open-stores.js';
import { type Stages } from './start-stages.js';
import { type Start } from './start.js';

/** What an operator may ask of the whole platform. */
export const longWork = (
  { dataDir, settings, clock }: Start,
  { store, own, kafka, fused }: Stores,
  { known }: OpenChannels,
  { pipeline, warehouse }: Stages,
): Operations => ({
  // Documents first: the customers' tables are made from them.
  verify: async () => both(await pipeline.verify(), await warehouse.verify()),
  rebuild: noting({ store }, async () => both(await pipeline.rebuild(), await warehouse.rebuild())),
  endRetention: endInput({
    ...store,
    loadedTo: () => warehouse.loadedTo(),
    channels: known,
    scrub: () => store.scrub(),
    ...(kafka ? { remaining: REMAINING_IN_KAFKA } : {}),
  }),
  ...(fused
    ? {
        backup: backupTo({
          dataDir,
          store: own,
          ...(settings.warehouseUrl === undefined ? { linkTables: (into) => warehouse.link(into) } : {}),
          clock,
        }),
      }
    : {}),
});

const both = (documents: Verification, tables: Verification['projections']): Verification => {
  const projections = [...documents.projections, ...tables];
  const outcome = outcomeOf(projections);
  return { outcome, equal: outcome === 'equal', position: documents.position, projections };
};
