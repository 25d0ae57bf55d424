import { expect, it } from '@jest/globals';
import { type Consumer } from 'kafkajs';
import { OffsetCommits } from './offset-commits.js';
import { PartitionClaim } from './partition-claim.js';
import { type Topics } from './topics.js';

it('moves the offset of a claim forward only: where it began may be said when more was read', async () => {
  const sent: string[] = [];
  const consumer: Pick<Consumer, 'commitOffsets'> = {
    commitOffsets: async (offsets) => void sent.push(...offsets.map(({ offset }) => offset)),
  };
  const commits = new OffsetCommits(consumer, { inKafka: (name: string) => name } as Topics);
  const claim = new PartitionClaim({ topic: 't', partition: 0 }, 100);
  commits.move(claim, 20);
  await commits.flush();
  commits.move(claim, 7);
  await commits.flush();
  commits.move(claim, 21);
  await commits.flush();
  expect(sent).toEqual(['20', '21']);
});
