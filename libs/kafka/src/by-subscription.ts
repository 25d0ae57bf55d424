import {
  AssignerProtocol,
  type BrokerMetadata,
  type Cluster,
  type PartitionAssigner,
  PartitionAssigners,
} from 'kafkajs';

/**
 * In turn, each partition among those members only that asked for its topic. The client's own assigner knows the leader's topics,
 * and gives of these to everybody: where two members differ in what they ask for, as while a channel is new to one of them,
 * partitions would go to who does not read them, or to nobody, and stand still without a word.
 */
export const bySubscription: PartitionAssigner = (config) => ({
  // As the client's: members of an older program and of this one are one group while they replace each other.
  ...PartitionAssigners.roundRobin(config),
  assign: async ({ members }) => {
    const { cluster } = config;
    const asked = members
      .map(({ memberId, memberMetadata }) => ({
        memberId,
        topics: new Set(AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics),
        given: {} as Record<string, number[]>,
      }))
      .sort((a, b) => (a.memberId < b.memberId ? -1 : 1));
    const topics = [...new Set(asked.flatMap((member) => [...member.topics]))].sort();
    const partitionsOf = await partitionsIn(cluster, topics);
    let turn = 0;
    for (const topic of topics) {
      const readers = asked.filter((member) => member.topics.has(topic));
      for (const partitionId of partitionsOf.get(topic) ?? []) {
        const { given } = readers[turn++ % readers.length]!;
        (given[topic] ??= []).push(partitionId);
      }
    }
    return asked.map(({ memberId, given }) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: given,
        userData: Buffer.alloc(0),
      }),
    }));
  },
});

const VERSION = 0;

/**
 * Asked for once: a name that is left with the client is asked for ever after, and should that topic be deleted, when its last reader
 * is gone, the client fails for all. (It takes the names that are asked for, and forgets to say so in its types.)
 */
const partitionsIn = async (
  cluster: Cluster,
  topics: readonly string[],
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const { metadata } = cluster as unknown as { metadata(of: { topics: readonly string[] }): Promise<BrokerMetadata> };
  const { topicMetadata } = await metadata.call(cluster, { topics });
  return new Map(
    topicMetadata.map(({ topic, partitionMetadata }) => [
      topic,
      partitionMetadata.map(({ partitionId }) => partitionId),
    ]),
  );
};
