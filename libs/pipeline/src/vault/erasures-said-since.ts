import { type CommandTaken } from '@tributary/domain';
import { commandsTaken } from '../command-taken.js';
import { commandOf } from '../commands.js';
import { COMMAND_TOPIC, type StageContext } from '../ports.js';
import { readRange } from '../read-range.js';

const WINDOW = 200;

/**
 * Erasures that were said behind a position, found by the log of commands from its end on: to search the events for them takes as
 * long as there are events behind it.
 */
export const erasuresSaidSince = async (
  position: number,
  { log, events }: Pick<StageContext['ports'], 'log' | 'events'>,
): Promise<readonly CommandTaken[]> => {
  const said: CommandTaken[] = [];
  for (const { topic, partition, begin, end } of await log.partitions(COMMAND_TOPIC))
    for (let to = end; to > begin; to -= WINDOW) {
      const from = Math.max(begin, to - WINDOW);
      const erasures = (await readRange(log, { topic, partition }, from, to)).flatMap(({ value }) => {
        const command = commandOf(value);
        return command.type === 'erase' ? [command] : [];
      });
      const taken = await commandsTaken(
        events,
        erasures.map(({ id }) => id),
      );
      for (const { id, at } of erasures.reverse()) {
        const command = taken.get(id);
        // One that was ordered once more stands where its first copy was taken, and what lies before it may have been taken since.
        if (command && command.position <= position && command.orderedAt === at) return said;
        if (command) said.push(command.taken);
      }
    }
  return said;
};
