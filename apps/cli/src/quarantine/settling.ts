import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type SettledAs } from '../http/api.js';
import { type Client } from '../http/client.js';

/** So many at once: a command that is killed leaves at most these on the list, and replays them again to no effect. */
const AT_ONCE = 500;

/** Tells the server which items wait no longer, many at a time. */
export const settling = (
  client: Pick<Client, 'settle' | 'quarantine'>,
  channel: string,
  as: SettledAs,
  reason?: string,
) => {
  let offsets: number[] = [];
  let settled = 0;
  const flush = async (): Promise<number> => {
    const told = offsets;
    offsets = [];
    if (told.length > 0) settled += await settleThere(told);
    return settled;
  };
  /** What the retention took since it was read waits no longer either; the server settles none where one is gone. */
  const settleThere = async (told: readonly number[]): Promise<number> => {
    try {
      return await client.settle(channel, told, as, reason);
    } catch (error) {
      if (!(error instanceof Failure) || error.exit !== ExitCode.notFound) throw error;
      const { items, end } = await client.quarantine(channel, { limit: 1, bytes: false, state: 'all' });
      const begin = items[0]?.offset ?? end;
      const there = told.filter((offset) => offset >= begin);
      if (there.length === told.length) throw error;
      return there.length === 0 ? 0 : settleThere(there);
    }
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
