import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';

const NAME = 'tributary-sole';
const VERSION = 0;
const HOLDS = Buffer.from('holds');

/**
 * Everything goes to one member: to whoever says that it holds it already, else to the first by name. So who joins and who
 * leaves changes nothing for the one that works. Whoever is not sure any more says nothing.
 */
export const soleAssigner =
  (holds: () => boolean): PartitionAssigner =>
  ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: holds() ? HOLDS : Buffer.alloc(0),
      }),
    }),
    assign: async ({ members, topics }) => {
      const ids = members.map(({ memberId }) => memberId).sort();
      const holder = members.find(({ memberMetadata }) =>
        AssignerProtocol.MemberMetadata.decode(memberMetadata)?.userData.equals(HOLDS),
      );
      const all = Object.fromEntries(
        topics.map((topic) => [
          topic,
          cluster.findTopicPartitionMetadata(topic).map(({ partitionId }: { partitionId: number }) => partitionId),
        ]),
      );
      return ids.map((memberId) => ({
        memberId,
        memberAssignment: AssignerProtocol.MemberAssignment.encode({
          version: VERSION,
          assignment: memberId === (holder?.memberId ?? ids[0]) ? all : {},
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });
