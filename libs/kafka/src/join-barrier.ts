import { type PartitionAssigner } from 'kafkajs';
import { isCoordinatorNotFound, whyNoCoordinator } from './coordinators.js';

/**
 * Holds a consumer back from joining its group again until what it has in hand is finished. Kafka takes a join for the
 * promise that the member has let go of its partitions, and the client joins at the first word of a rebalance, with batches
 * still in hand. Every join first asks the cluster for the group's coordinator, and the client hands its cluster to
 * assigners: there it is made to wait. Should a later client join otherwise, nothing waits, and the sink's fence holds alone.
 */
export const assignerThatWaits =
  (before: () => Promise<void>, assigner: PartitionAssigner): PartitionAssigner =>
  (config) => {
    const { cluster } = config;
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      await before();
      return find(group).catch(async (error: unknown) => {
        const reason = await whyNoCoordinator(error, cluster, group.groupId, 'group');
        if (!isCoordinatorNotFound(reason)) throw reason;
        // While every broker is away the client finds no coordinator, takes that for final, and consumes no more.
        throw Object.assign(new Error('no broker knows who coordinates the group'), { retriable: true });
      });
    };
    return assigner(config);
  };
