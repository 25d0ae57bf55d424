import { type SettledAs } from '../http/api.js';
import { type Client } from '../http/client.js';

/** So many at once: a command that is killed leaves at most these on the list, and replays them again to no effect. */
const AT_ONCE = 500;

/** Tells the server which items wait no longer, many at a time. */
export const settling = (client: Pick<Client, 'settle'>, channel: string, as: SettledAs, reason?: string) => {
  let offsets: number[] = [];
  let settled = 0;
  const flush = async (): Promise<number> => {
    const told = offsets;
    offsets = [];
    if (told.length > 0) settled += await client.settle(channel, told, as, reason);
    return settled;
  };
  return {
    add: async (offset: number): Promise<void> => {
      offsets.push(offset);
      if (offsets.length >= AT_ONCE) await flush();
    },
    /** Answers how many waited until this command. */
    flush,
  };
};
