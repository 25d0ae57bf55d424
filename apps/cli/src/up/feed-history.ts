import { sample, type SampleChannel } from '@tributary/intake';
import { type Client } from '../http/client.js';
import { type Accepted } from '../http/api.js';
import { type SampleMarker } from './sample-marker.js';

export const sampleChannels: readonly SampleChannel[] = ['call_centre', 'web_shop', 'app', 'community'];

/** The write key of each of the sample's channels; absent: the server's own token is used. */
export type SampleKeys = Readonly<Partial<Record<SampleChannel, string>>>;

/** The least that is known about the size of the history, for the share that is done. */
export interface HistoryProgress {
  (fed: number, at: number): void;
}

const REQUEST_ITEMS = 500;
const UNDER_WAY = 4;
/** So many are made before the doors of this process get their turn. */
const TURN_ITEMS = 2_000;

/**
 * Feeds the sample's history through the HTTP doors, a few requests at a time. Answers how many were accepted. Stopped
 * early it may be fed again from the beginning: the message ids are the same.
 */
export const feedHistory = async (
  client: Client,
  { seed, customers, until }: SampleMarker,
  keys: SampleKeys,
  signal: AbortSignal,
  onProgress: HistoryProgress,
): Promise<number> => {
  const waiting = new Map<SampleChannel, string[]>(sampleChannels.map((channel) => [channel, []]));
  const underWay = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let accepted = 0;

  const post = async (channel: SampleChannel, texts: readonly string[], at: number): Promise<void> => {
    const answer = await client.deliver(channel, `[${texts.join(',')}]`, keys[channel]);
    accepted += acceptedIn(answer);
    onProgress(accepted, at);
  };
  const send = async (channel: SampleChannel, at: number): Promise<void> => {
    const texts = waiting.get(channel) ?? [];
    waiting.set(channel, []);
    const sent: Promise<void> = post(channel, texts, at)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(sent));
    underWay.add(sent);
    if (underWay.size >= UNDER_WAY) await Promise.race(underWay);
  };

  let made = 0;
  for (const { channel, envelope } of sample(seed, customers, until)) {
    const texts = waiting.get(channel) as string[];
    texts.push(JSON.stringify(envelope));
    if (texts.length >= REQUEST_ITEMS) await send(channel, Number(envelope.occurredAt));
    else if (++made % TURN_ITEMS === 0) await new Promise(setImmediate);
    if (signal.aborted || failures.length > 0) break;
  }
  if (!signal.aborted && failures.length === 0)
    for (const channel of sampleChannels) if ((waiting.get(channel)?.length ?? 0) > 0) await send(channel, until);
  await Promise.all(underWay);
  if (failures.length > 0) throw failures[0];
  return accepted;
};

/** The sample is ours: what a door does not understand of it is our bug, and is said. */
const acceptedIn = (answer: Accepted | undefined): number => {
  const problem = answer?.items.find(({ status }) => status === 'rejected')?.problem;
  if (problem)
    throw new Error(
      `the sample does not fit the door: ${problem.field}: found ${problem.found}, expected ${problem.expected}`,
    );
  return answer?.accepted ?? 0;
};
