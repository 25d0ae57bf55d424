import { commandsTaken, type TakenCommand } from './command-taken.js';
import { commandOf } from './commands.js';
import { COMMAND_TOPIC, PROJECTOR_GROUP, type StageContext } from './ports.js';
import { readRange } from './read-range.js';

/** More than a consumer has in hand of commands that it took. */
const MOST = 200;

/**
 * Commands that an earlier life took and of which nobody noted yet that their consequences were read: whoever goes on has to know
 * what is on its way. They are carried out in order, so the first that was not taken is the end of them.
 */
export const ordersUnderWay = async ({
  log,
  events,
}: Pick<StageContext['ports'], 'log' | 'events'>): Promise<readonly TakenCommand[]> => {
  const underWay: TakenCommand[] = [];
  for (const { topic, partition, begin, end } of await log.partitions(COMMAND_TOPIC)) {
    const from = Math.max(begin, (await log.committed(PROJECTOR_GROUP, { topic, partition })) ?? begin);
    if (from >= end) continue;
    const records = await readRange(log, { topic, partition }, from, Math.min(end, from + MOST));
    const ids = records.flatMap(({ value }) => {
      const command = commandOf(value);
      return command.type === 'none' ? [] : command.id;
    });
    const taken = await commandsTaken(events, ids);
    for (const id of ids) {
      const command = taken.get(id);
      if (!command) break;
      underWay.push(command);
    }
  }
  return underWay;
};
