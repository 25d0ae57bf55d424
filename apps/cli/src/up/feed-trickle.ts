import { setTimeout as sleep } from 'node:timers/promises';
import { type SampleChannel, trickle } from '@tributary/intake';
import { type Client } from '../http/client.js';
import { type SampleKeys } from './feed-history.js';
import { type SampleMarker } from './sample-marker.js';

/** The mean pause between two touchpoints. */
const GAP_MS = 350;
/** After a failure; the platform may be busy or the disk full, and live people go on anyway. */
const PAUSE_MS = 5_000;

/** Live touchpoints of the sample's people, each when it is due, until the signal. `onFailure` is told once per outage. */
export const feedTrickle = async (
  client: Client,
  { seed, customers }: SampleMarker,
  keys: SampleKeys,
  signal: AbortSignal,
  onFailure: (error: unknown) => void,
): Promise<void> => {
  let isOut = false;
  for (const { channel, envelope, at } of trickle(seed, customers, Date.now(), GAP_MS)) {
    if (!(await pause(at - Date.now(), signal))) return;
    try {
      await deliver(client, channel, JSON.stringify(envelope), keys);
      isOut = false;
    } catch (error) {
      if (signal.aborted) return;
      if (!isOut) onFailure(error);
      isOut = true;
      if (!(await pause(PAUSE_MS, signal))) return;
    }
  }
};

const deliver = async (client: Client, channel: SampleChannel, text: string, keys: SampleKeys): Promise<void> => {
  await client.deliver(channel, `[${text}]`, keys[channel]);
};

/** `false`: the signal came. */
const pause = async (ms: number, signal: AbortSignal): Promise<boolean> => {
  if (ms > 0) await sleep(ms, undefined, { signal }).catch(() => {});
  return !signal.aborted;
};
