import { expect, it } from '@jest/globals';
import { AssignerProtocol, type Cluster, type GroupMember, PartitionAssigners } from 'kafkajs';
import { bySubscription } from './by-subscription.js';

/** As the client's: what it is asked for once it does not go on asking for; of a target it does. */
const clusterOf = (partitions: Readonly<Record<string, number>>): Cluster =>
  ({
    metadata: async ({ topics }: { readonly topics: readonly string[] }) => ({
      topicMetadata: topics.map((topic) => ({
        topic,
        partitionMetadata: Array.from({ length: partitions[topic] ?? 0 }, (_, partitionId) => ({ partitionId })),
      })),
    }),
  }) as unknown as Cluster;

const joining = (cluster: Cluster) => bySubscription({ cluster, groupId: 'g', logger: undefined as never });

/** Who gets what, of members that ask for these topics; the first of them leads. */
const given = async (
  asked: Readonly<Record<string, readonly string[]>>,
  partitions: Readonly<Record<string, number>>,
) => {
  const assigner = joining(clusterOf(partitions));
  const members = Object.entries(asked).map(([memberId, topics]): GroupMember => ({
    memberId,
    memberMetadata: assigner.protocol({ topics: [...topics] }).metadata,
  }));
  const assigned = await assigner.assign({ members, topics: [...(Object.values(asked)[0] ?? [])] });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      { ...AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment },
    ]),
  );
};

it('shares partitions out evenly among those who ask for the same', async () => {
  expect(await given({ a: ['t'], b: ['t'] }, { t: 3 })).toEqual({ a: { t: [0, 2] }, b: { t: [1] } });
});

it('gives nothing to who does not ask for it, also where the leader is the one who does', async () => {
  expect(await given({ a: ['t', 'u'], b: ['t'] }, { t: 2, u: 3 })).toEqual({
    a: { t: [0], u: [0, 1, 2] },
    b: { t: [1] },
  });
});

it('leaves nothing to nobody where the leader does not ask for it', async () => {
  expect(await given({ a: ['t'], b: ['t', 'u'] }, { t: 2, u: 3 })).toEqual({
    a: { t: [0] },
    b: { t: [1], u: [0, 1, 2] },
  });
});

it('is of one group with members that still have the client’s', () => {
  const cluster = clusterOf({});
  const theirs = PartitionAssigners.roundRobin({ cluster, groupId: 'g', logger: undefined as never });
  expect(joining(cluster).name).toBe(theirs.name);
  expect(joining(cluster).protocol({ topics: ['t'] })).toEqual(theirs.protocol({ topics: ['t'] }));
});
