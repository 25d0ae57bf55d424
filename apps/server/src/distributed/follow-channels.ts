import { setTimeout as sleep } from 'node:timers/promises';
import { mayPass } from '@tributary/kernel';

export interface ChannelFollowing {
  /** As of now: channel files, the settings, and whoever has a key. */
  readonly channels: () => readonly string[];
  /** Makes their topics; no stage hears of a channel before. */
  readonly ensure: (channels: readonly string[]) => Promise<void>;
  readonly look_ms?: number;
}

export interface FollowedChannels {
  /** Those whose topics are there; never fewer than before, since what came in is to be taken. */
  readonly known: () => readonly string[];
  readonly done: Promise<never>;
  /** Whom to tell from now on. */
  whenMore(tell: (channels: readonly string[]) => Promise<void>): void;
  stop(): Promise<void>;
}

const LOOK_MS = 2_000;

/** A new key brings a channel while the platform runs: each role hears of it by itself, as soon as it sees the key. */
export const followChannels = async (following: ChannelFollowing): Promise<FollowedChannels> => {
  const { channels, ensure, look_ms = LOOK_MS } = following;
  const stopping = new AbortController();
  let fail!: (error: unknown) => void;
  const done = new Promise<never>((_, reject) => (fail = reject));
  done.catch(() => undefined);
  const told: ((channels: readonly string[]) => Promise<void>)[] = [];
  let known = channels();
  await ensure(known);
  const look = async (): Promise<void> => {
    const more = channels().filter((channel) => !known.includes(channel));
    if (more.length === 0) return;
    await ensure(more);
    known = [...known, ...more].sort();
    for (const tell of told) await tell(more);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await sleep(look_ms, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      await look().catch((error: unknown) => {
        // Kafka is away: the stage says so, and the channel is still new when it is back.
        if (!mayPass(error)) throw error;
      });
    }
  };
  const running = run().catch(fail);
  return {
    known: () => known,
    done,
    whenMore: (tell) => void told.push(tell),
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
