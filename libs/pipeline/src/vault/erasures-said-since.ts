import { type CommandTaken } from '@tributary/domain';
import { type EventMetadata, partitionName } from '@tributary/kernel';
import { commandsTaken, type TakenCommand } from '../command-taken.js';
import { type Command, commandOf } from '../commands.js';
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
      const erasures = (await readRange(log, { topic, partition }, from, to)).flatMap(({ offset, value }) => {
        const command = commandOf(value);
        return command.type === 'erase' ? [{ ...command, source: { topic, partition, offset } }] : [];
      });
      const taken = await commandsTaken(
        events,
        erasures.map(({ id }) => id),
      );
      for (const copy of erasures.reverse()) {
        const command = taken.get(copy.id);
        // One that was ordered once more stands where its first copy was taken, and what lies before it may have been taken since.
        if (command && command.position <= position && isFirst(copy, command)) return said;
        if (command) said.push(command.taken);
      }
    }
  return said;
};

type Copy = Pick<Command, 'at'> & { readonly source: NonNullable<EventMetadata['source']> };

/** Whether it is the copy that was taken. Two may come in one millisecond: of an older program's it cannot be told. */
const isFirst = ({ at, source }: Copy, taken: TakenCommand): boolean =>
  taken.source
    ? taken.source.offset === source.offset && partitionName(taken.source) === partitionName(source)
    : taken.orderedAt === at;
