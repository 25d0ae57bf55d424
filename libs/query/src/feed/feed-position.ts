import { InvalidPosition } from '../errors.js';

/** Per partition, the next offset to read. */
export type FeedPosition = Map<number, number>;

const PARTITIONS_BOUND = 1_024;

/**
 * A position as text, as it stands in `Last-Event-ID`: `partition:offset` of the last message seen, for each partition,
 * with commas between them. `0:-1`: nothing yet.
 */
export const positionText = (position: FeedPosition): string =>
  [...position]
    .sort(([a], [b]) => a - b)
    .map(([partition, next]) => `${partition}:${next - 1}`)
    .join(',');

/** Throws `InvalidPosition`. */
export const parsePosition = (text: string): FeedPosition => {
  const position: FeedPosition = new Map();
  for (const part of text.split(',', PARTITIONS_BOUND + 1)) {
    const [, partition, offset] = /^(\d{1,4}):(-1|\d{1,15})$/.exec(part) ?? [];
    if (partition === undefined || offset === undefined || position.size >= PARTITIONS_BOUND)
      throw new InvalidPosition('position in the feed', '0:4711');
    position.set(Number(partition), Number(offset) + 1);
  }
  return position;
};
