import { failureOfAnswer } from '../http/answer-failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { type Client } from '../http/client.js';
import { doorOf, eventIn } from './door-of.js';
import { settling } from './settling.js';
import { someAtOnce } from './some-at-once.js';

/** As many as there are connections: more would wait for one. */
const AT_ONCE = 8;

export interface ReplayOutcome {
  readonly accepted: number;
  /** Replayed by an earlier command. */
  readonly before: number;
  readonly refused: readonly { readonly offset: number; readonly why: string }[];
  /** Rows of files: they are mended in the file. */
  readonly files: number;
}

/**
 * Sends quarantined messages to the door they came to, each for itself, since each has its own outcome, and some at once, since
 * the door makes what comes together durable together. The message id makes the effect happen once; that an item is settled
 * afterwards only takes it off the list, and spares the sending.
 *
 * @param noted offsets that an earlier version noted as replayed, beside the server
 */
export const replay = async (
  client: Client,
  channel: string,
  items: AsyncIterable<QuarantinedItem>,
  mended: Buffer | undefined,
  noted: ReadonlySet<number> = new Set(),
): Promise<ReplayOutcome> => {
  const understood = settling(client, channel, 'replayed');
  const refused: { offset: number; why: string }[] = [];
  let [accepted, before, files] = [0, 0, 0];
  const send = async (item: QuarantinedItem): Promise<void> => {
    const text = (mended ?? Buffer.from(item.bytes ?? '', 'base64')).toString('utf8');
    const why = await sendAgain(client, channel, item, text);
    if (why !== null) return void refused.push({ offset: item.offset, why });
    accepted++;
    await understood.add(item.offset);
  };
  const take = async (item: QuarantinedItem): Promise<void> => {
    if (item.origin === 'file' && mended === undefined) files++;
    else if (item.settled === 'replayed' && mended === undefined) before++;
    else if (noted.has(item.offset) && mended === undefined) {
      before++;
      await understood.add(item.offset);
    } else await send(item);
  };
  try {
    await someAtOnce(items, AT_ONCE, take);
  } finally {
    await understood.flush();
  }
  return { accepted, before, refused: refused.sort((a, b) => a.offset - b.offset), files };
};

/** `null`: accepted; else why not, in shapes. */
const sendAgain = async (
  client: Client,
  channel: string,
  item: QuarantinedItem,
  text: string,
): Promise<string | null> => {
  const event = eventIn(text);
  if (event === undefined) return 'not JSON of one event';
  const door = doorOf(item, event);
  if (door === undefined) return 'the event names no type, and nothing says by which call it came';
  if (door === 'touchpoints') return deliver(client, channel, text);
  const answer =
    door === 'cloudevents'
      ? await client.replayCloudEvent(channel, item.offset, text)
      : await client.replaySegment(channel, item.offset, door, text);
  if (answer.status === 200) return null;
  const why = failureOfAnswer(answer);
  // Of this item, and not of the command: gone meanwhile with the retention, too large, not understood. That it was sent
  // as a batch of one is the replay's doing.
  if ([404, 413, 422].includes(answer.status)) return why.message.replace('(batch[0].', '(');
  throw why;
};

const deliver = async (client: Client, channel: string, text: string): Promise<string | null> => {
  const answer = await client.deliver(channel, `[${text}]`);
  if (answer === undefined) return 'too large';
  if (answer.accepted === 1) return null;
  const problem = answer.items[0]?.problem;
  return problem === undefined ? 'refused' : `${problem.field}: found ${problem.found}, expected ${problem.expected}`;
};
