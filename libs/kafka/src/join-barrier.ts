import { PartitionAssigners, type PartitionAssigner } from 'kafkajs';

/**
 * Holds a consumer back from joining its group again until what it has in hand is finished. Kafka takes a join for the
 * promise that the member has let go of its partitions, and the client joins at the first word of a rebalance, with batches
 * still in hand. Every join first asks the cluster for the group's coordinator, and the client hands its cluster to
 * assigners: there it is made to wait. Should a later client join otherwise, nothing waits, and the sink's fence holds alone.
 */
export const assignerThatWaits =
  (before: () => Promise<void>): PartitionAssigner =>
  (config) => {
    const { cluster } = config;
    const find = cluster.findGroupCoordinator.bind(cluster);
    cluster.findGroupCoordinator = async (group) => {
      await before();
      return find(group).catch((error: unknown) => {
        // While every broker is away the client finds no coordinator, takes that for final, and consumes no more.
        const name = error instanceof Error ? [error.name, (error.cause as Error | undefined)?.name] : [];
        if (!name.includes('KafkaJSGroupCoordinatorNotFound')) throw error;
        throw Object.assign(new Error('no broker knows who coordinates the group'), { retriable: true });
      });
    };
    return PartitionAssigners.roundRobin(config);
  };
