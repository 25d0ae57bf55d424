import { outcomeOf } from '@tributary/pipeline';
import { type Operations, type Verification } from '../../ops/operations.js';
import { askStage, type Asking } from './ask-stage.js';
import { type StageOrder } from './order.js';

export interface OrderedOperationsDeps extends Asking {
  /** Whether there is a loader to ask about tables. */
  readonly hasWarehouse: boolean;
  readonly endRetention: Operations['endRetention'];
}

/** The platform's operations where each read model is written by another process: these carry them out. */
export const orderedOperations = (deps: OrderedOperationsDeps): Operations => {
  const everywhere = async (order: StageOrder): Promise<Verification> => {
    const documents = await askStage<Verification>(deps, 'projector', order);
    if (!deps.hasWarehouse) return documents;
    // Documents first: the customers' tables are made from them.
    const tables = await askStage<Verification['projections']>(deps, 'loader', order);
    const projections = [...documents.projections, ...tables];
    const outcome = outcomeOf(projections);
    return { outcome, equal: outcome === 'equal', position: documents.position, projections };
  };
  return {
    verify: () => everywhere('verify'),
    rebuild: () => everywhere('rebuild'),
    endRetention: deps.endRetention,
  };
};
