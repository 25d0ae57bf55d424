import { expect, it } from '@jest/globals';
import { AssignerProtocol, type Cluster, type GroupMember } from 'kafkajs';
import { soleAssigner } from './sole-assigner.js';

const cluster = {
  findTopicPartitionMetadata: () => [{ partitionId: 0 }, { partitionId: 1 }],
} as unknown as Cluster;

/** Who gets what, of members that say whether they hold it. */
const given = async (members: Readonly<Record<string, boolean>>) => {
  const joining = (holds: boolean) => soleAssigner(() => holds)({ cluster, groupId: 'g', logger: undefined as never });
  const named = Object.entries(members).map(([memberId, holds]): GroupMember => ({
    memberId,
    memberMetadata: joining(holds).protocol({ topics: ['t'] }).metadata,
  }));
  const assigned = await joining(false).assign({ members: named, topics: ['t'] });
  return Object.fromEntries(
    assigned.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment['t'] ?? [],
    ]),
  );
};

it('gives everything to one, and leaves it with whoever says that it holds it', async () => {
  expect(await given({ b: false, a: false })).toEqual({ a: [0, 1], b: [] });
  expect(await given({ a: false, b: true, c: false })).toEqual({ a: [], b: [0, 1], c: [] });
});
