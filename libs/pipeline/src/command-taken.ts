import { decodeDecision } from '@tributary/contracts';
import { type CommandTaken, commandStream } from '@tributary/domain';
import { type EventMetadata, type EventStore, type Instant, type RecordedEvent } from '@tributary/kernel';

export interface TakenCommand {
  readonly taken: CommandTaken;
  readonly position: number;
  /** Where the copy of it lies that was taken; others may have come since. Absent: an older program took it, and did not say. */
  readonly source: EventMetadata['source'];
  /** When that copy was ordered. */
  readonly orderedAt: Instant;
}

const AT_ONCE = 200;

/** What became of a command, if it was taken before: by an earlier life, or as another copy of it. */
export const commandTaken = async (events: EventStore, commandId: string): Promise<TakenCommand | undefined> =>
  takenIn(await events.readStream(commandStream(commandId), 0, 1));

/** The same of many, by their ids. */
export const commandsTaken = async (
  events: EventStore,
  commandIds: Iterable<string>,
): Promise<ReadonlyMap<string, TakenCommand>> => {
  const taken = new Map<string, TakenCommand>();
  const ids = [...new Set(commandIds)];
  for (let from = 0; from < ids.length; from += AT_ONCE) {
    const some = ids.slice(from, from + AT_ONCE);
    const streams = await events.readStreams(some.map(commandStream));
    for (const id of some) {
      const command = takenIn(streams.get(commandStream(id)) ?? []);
      if (command) taken.set(id, command);
    }
  }
  return taken;
};

/** Of a command's stream, which holds no more. */
const takenIn = ([event]: readonly RecordedEvent[]): TakenCommand | undefined => {
  if (!event) return undefined;
  const taken = decodeDecision(event.data);
  if (taken.type !== 'CommandTaken') throw new TypeError(`a command's stream holds ${taken.type}`);
  const { source, recordedAt: orderedAt } = event.metadata;
  return { taken, position: event.position, source, orderedAt };
};
