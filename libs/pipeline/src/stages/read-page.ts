import { type EventStore, type RecordedEvent } from '@tributary/kernel';

/** Events after a position, in whole appends: one that a full page would cut is left for the next. Empty: at the head. */
export const readPage = async (
  events: EventStore,
  after: number,
  maxEvents: number,
): Promise<readonly RecordedEvent[]> => {
  for (let most = maxEvents; ; most *= 2) {
    const page = await read(events, after, most);
    if (page.length < most) return page;
    const whole = withoutLastAppend(page);
    if (whole.length > 0) return whole;
  }
};

/** A store may answer fewer events than there are: only nothing means the head, and an append is visible as a whole. */
const read = async (events: EventStore, after: number, most: number): Promise<readonly RecordedEvent[]> => {
  const page: RecordedEvent[] = [];
  while (page.length < most) {
    const more = await events.readAll(page[page.length - 1]?.position ?? after, most - page.length);
    if (more.length === 0) break;
    page.push(...more);
  }
  return page;
};

const withoutLastAppend = (page: readonly RecordedEvent[]): readonly RecordedEvent[] => {
  const stream = page[page.length - 1]?.stream;
  let end = page.length;
  while (end > 0 && page[end - 1]?.stream === stream) end -= 1;
  return page.slice(0, end);
};
