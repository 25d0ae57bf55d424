import { afterEach, describe, expect, it } from '@jest/globals';
import { EngineError } from '@tributary/kernel';
import { type ChannelFollowing, type FollowedChannels, followChannels } from './follow-channels.js';
import { keepRunning } from '../stages/keep-running.js';

const until = async (holds: () => boolean): Promise<void> => {
  for (let waited = 0; !holds(); waited += 2) {
    if (waited > 5_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
};

describe('channels that come while a role runs', () => {
  let followed: FollowedChannels | undefined;
  afterEach(() => followed?.stop());
  const follow = async (following: ChannelFollowing): Promise<FollowedChannels> =>
    (followed = await followChannels({ look_ms: 2, ...following }));

  it('are told once, after their topics are there, and never forgotten', async () => {
    let keys = ['shop'];
    const said: string[] = [];
    const { known, whenMore } = await follow({
      channels: () => keys,
      ensure: async (names) => void said.push(`topics of ${names.join()}`),
    });
    whenMore(async (names) => void said.push(`more: ${names.join()}`));
    keys = ['app', 'shop'];
    await until(() => known().length === 2);
    keys = ['app'];
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(known()).toEqual(['app', 'shop']);
    expect(said).toEqual(['topics of shop', 'topics of app', 'more: app']);
  });

  it('are still new when Kafka is back', async () => {
    let keys = ['shop'];
    let tries = 0;
    const { known } = await follow({
      channels: () => keys,
      ensure: async (names) => {
        if (names.includes('app') && (tries += 1) < 3) throw new EngineError('log', 'retriable', 'away');
      },
    });
    keys = ['app', 'shop'];
    await until(() => known().includes('app'));
    expect(tries).toBe(3);
  });

  it('are consumed by the next stage, without an end of the first being taken for a failure', async () => {
    const begun: string[][] = [];
    let channels = ['shop'];
    const kept = keepRunning(
      () => {
        begun.push(channels);
        let end!: () => void;
        const done = new Promise<void>((resolve) => (end = resolve));
        return { start: () => ({ done }), stop: async () => end() };
      },
      (message) => {
        throw new Error(message);
      },
    );
    channels = ['app', 'shop'];
    await kept.renew();
    await until(() => begun.length === 2);
    expect([begun, kept.trouble()]).toEqual([[['shop'], ['app', 'shop']], null]);
    await kept.stop();
    await kept.done;
  });
});
