import { setTimeout as sleep } from 'node:timers/promises';
import { readSettings } from '@tributary/server';
import { CUSTOMERS, feedSample } from './feed-sample.js';
import { settled, type Snapshot, snapshotOf, type Town } from './town.js';
import { UpTown } from './up-town.js';

/** What the sample comes to on embedded engines, with nothing going wrong: the oracle of all that goes wrong. */
export const undisturbed = async (keys: Readonly<Record<string, string>>, until: number): Promise<Snapshot> => {
  const town = await UpTown.begin(readSettings(keys));
  try {
    await feedSample(town, until);
    await settled(town);
    return await snapshotOf(town);
  } finally {
    await town.end();
  }
};

/** Small requests, so that whatever happens meanwhile meets many of them. */
const ITEMS = 25;
/** Of a customer of the sample, about. */
const TOUCHPOINTS = 38;

/** Spreads the sample over so long, for as long as `lasting` says so; then in no less of a hurry than it can be taken. */
export const feedSlowly = (
  town: Pick<Town, 'take'>,
  until: number,
  { lasts_ms, lasting }: { readonly lasts_ms: number; readonly lasting: () => boolean },
): Promise<number> => {
  const pause_ms = lasts_ms / ((CUSTOMERS * TOUCHPOINTS) / ITEMS);
  const take = async (channel: string, touchpoints: readonly object[]): Promise<void> => {
    await town.take(channel, touchpoints);
    if (lasting()) await sleep(pause_ms);
  };
  return feedSample({ take }, until, ITEMS);
};
