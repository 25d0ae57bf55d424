import { afterAll, beforeAll, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '@tributary/server';
import { DistributedPlatform, sharedKeys } from './distributed-platform.js';
import { beginEngines, type EnginesForTests } from './engines.js';
import { CUSTOMERS, feedSample } from './feed-sample.js';
import { differences, settled, type Snapshot, snapshotOf, type Town } from './town.js';
import { UpTown } from './up-town.js';

const BEGIN_MS = 300_000;
const END_MS = 60_000;
/** Small requests, so that whatever happens meanwhile meets many of them. */
const ITEMS = 25;
/** Of a customer of the sample, about. */
const TOUCHPOINTS = 38;

export interface Disturbed {
  readonly town: DistributedPlatform;
  readonly engines: EnginesForTests;
  /** What it must come to all the same. */
  readonly expected: Snapshot;
  /** Spreads the sample over so long, while `lasting` says so; the rest goes in as fast as it is taken. */
  feedSlowly(pace: { readonly lasts_ms: number; readonly lasting: () => boolean }): Promise<number>;
  /** The whole sample again, at once. */
  feedInto(town: Pick<Town, 'take'>): Promise<number>;
  /** When all has had its effect: nothing lost of so many touchpoints, nothing doubled. */
  isUnharmed(touchpoints: number): Promise<void>;
}

/** What the sample comes to on embedded engines, with nothing going wrong. */
const undisturbed = async (keys: Readonly<Record<string, string>>, until: number): Promise<Snapshot> => {
  const town = await UpTown.begin(readSettings(keys));
  try {
    await feedSample(town, until);
    await settled(town);
    return await snapshotOf(town);
  } finally {
    await town.end();
  }
};

/** For a suite: a process for each role, over engines of its own, before all its tests. */
export const disturbed = (kafkaUrl: string): (() => Disturbed) => {
  const until = Date.now();
  const keys = sharedKeys();
  let engines: EnginesForTests | undefined;
  let town: DistributedPlatform | undefined;
  let expected: Snapshot = new Map();
  beforeAll(async () => {
    expected = await undisturbed(keys, until);
    engines = await beginEngines(kafkaUrl);
    town = await DistributedPlatform.begin({ ...engines.env, ...keys });
  }, BEGIN_MS);
  afterAll(async () => {
    try {
      await town?.end();
    } finally {
      await engines?.end();
    }
  }, END_MS);
  return () => {
    if (!town || !engines) throw new Error('it runs within tests only');
    return begun(town, engines, expected, until);
  };
};

const begun = (town: DistributedPlatform, engines: EnginesForTests, expected: Snapshot, until: number): Disturbed => ({
  town,
  engines,
  expected,
  feedSlowly: ({ lasts_ms, lasting }) => {
    const pause_ms = lasts_ms / ((CUSTOMERS * TOUCHPOINTS) / ITEMS);
    const take = async (channel: string, touchpoints: readonly object[]): Promise<void> => {
      await town.take(channel, touchpoints);
      if (lasting()) await sleep(pause_ms);
    };
    return feedSample({ take }, until, ITEMS);
  },
  feedInto: (other) => feedSample(other, until),
  isUnharmed: async (touchpoints) => {
    expect((await settled(town)).touchpoints).toBe(touchpoints);
    expect(differences(expected, await snapshotOf(town))).toEqual([]);
  },
});
