import { type EventStore, type RecordedEvent } from '@tributary/kernel';

/** The stream's last event, found in a number of small reads that grows with the logarithm of its length. */
export const lastEventOf = async (events: EventStore, stream: string): Promise<RecordedEvent | undefined> => {
  const at = async (revision: number): Promise<RecordedEvent | undefined> =>
    (await events.readStream(stream, revision, 1))[0];
  let found = await at(0);
  if (!found) return undefined;
  let step = 1;
  for (let next = await at(found.revision + step); next; next = await at(found.revision + step)) {
    found = next;
    step *= 2;
  }
  let beyond = found.revision + step;
  while (beyond - found.revision > 1) {
    const middle = Math.floor((found.revision + beyond) / 2);
    const event = await at(middle);
    if (event) found = event;
    else beyond = middle;
  }
  return found;
};

/**
 * A revision of the stream, `hint` or lower, whose event is older than `position`; -1: the beginning. What is owed since
 * `position` cannot stand at or before it, wherever the hint came from.
 */
export const revisionBefore = async (
  events: EventStore,
  stream: string,
  hint: number,
  position: number,
): Promise<number> => {
  for (let at = hint, back = 1; at >= 0; at -= back, back *= 2) {
    const [event] = await events.readStream(stream, at, 1);
    if (event && event.revision === at && event.position < position) return at;
  }
  return -1;
};
