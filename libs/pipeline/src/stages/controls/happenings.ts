import fc from 'fast-check';
import { channels } from '../../controls/town.js';
import { touchpointTopic } from '../../ports.js';
import { Driver, type Fate } from './driver.js';
import { type World } from './world.js';

/** Of each channel's topic. */
export const PARTITIONS = 3;

export const fate: fc.Arbitrary<Fate> = fc.record({
  after: fc.integer({ min: 0, max: 45 }),
  kind: fc.constantFrom('before', 'after', 'pause'),
});

/** Somebody, and a partition of theirs. */
const lane = {
  member: fc.integer({ min: 0, max: 2 }),
  channel: fc.constantFrom(...channels),
  partition: fc.integer({ min: 0, max: PARTITIONS - 1 }),
};

/** What happens next: somebody takes a batch, a partition changes hands, somebody projects, somebody wakes up. */
export const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant('take' as const),
      ...lane,
      records: fc.integer({ min: 1, max: 9 }),
      commits: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('reassign' as const), ...lane }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('project' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('usurp' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('resume' as const) }) },
);
export type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Events of a page: where one ends, anything may come in between. */
export const page = fc.integer({ min: 1, max: 20 });

export const lived = (
  world: World,
  fates: readonly Fate[],
  steps: readonly Step[],
  maxEvents: number,
  beside?: () => Promise<void>,
): Promise<Driver> => continued(new Driver(world, fates, maxEvents), steps, beside);

/** @param beside what somebody else does after each step */
export const continued = async (
  driver: Driver,
  steps: readonly Step[],
  beside?: () => Promise<void>,
): Promise<Driver> => {
  for (const one of steps) {
    switch (one.do) {
      case 'take':
        await driver.take(
          one.member,
          { topic: touchpointTopic(one.channel), partition: one.partition },
          one.records,
          one.commits,
        );
        break;
      case 'reassign':
        driver.reassign(one.member, { topic: touchpointTopic(one.channel), partition: one.partition });
        break;
      case 'project':
        await driver.project();
        break;
      case 'usurp':
        await driver.usurp();
        break;
      case 'resume':
        await driver.resume();
    }
    await beside?.();
  }
  return driver;
};
