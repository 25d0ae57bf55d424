import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failureOfAnswer } from '../http/answer-failure.js';
import { type QuarantinedItem } from '../http/api.js';
import { type Client } from '../http/client.js';

export interface ReplayOutcome {
  readonly accepted: number;
  /** Replayed by an earlier command. */
  readonly before: number;
  readonly refused: readonly { readonly offset: number; readonly why: string }[];
  /** Rows of files: they are mended in the file. */
  readonly files: number;
}

const segmentTypes = new Set(['identify', 'track', 'page', 'screen', 'group', 'alias']);

/**
 * Sends quarantined messages to the door they came to, one by one: each has its own outcome. The message id makes the
 * effect happen once; the list of what was replayed only spares the sending.
 */
export const replay = async (
  client: Client,
  channel: string,
  items: AsyncIterable<QuarantinedItem>,
  mended: Buffer | undefined,
  dataDir: string,
): Promise<ReplayOutcome> => {
  const list = await openReplayed(dataDir, channel);
  const refused: { offset: number; why: string }[] = [];
  let [accepted, before, files] = [0, 0, 0];
  try {
    for await (const item of items) {
      if (item.origin === 'file' && mended === undefined) files++;
      else if (list.offsets.has(item.offset) && mended === undefined) before++;
      else {
        const why = await sendAgain(
          client,
          channel,
          item.offset,
          (mended ?? Buffer.from(item.bytes ?? '', 'base64')).toString('utf8'),
        );
        if (why !== null) refused.push({ offset: item.offset, why });
        else {
          accepted++;
          list.offsets.add(item.offset);
        }
      }
    }
  } finally {
    await list.save();
  }
  return { accepted, before, refused, files };
};

/** `null`: accepted; else why not, in shapes. */
const sendAgain = async (client: Client, channel: string, offset: number, text: string): Promise<string | null> => {
  const type = typeIn(text);
  if (type === undefined) return 'not JSON of one event';
  if (!segmentTypes.has(type)) {
    const answer = await client.deliver(channel, `[${text}]`);
    if (answer === undefined) return 'too large';
    const problem = answer.items[0]?.problem;
    return answer.accepted === 1
      ? null
      : problem === undefined
        ? 'refused'
        : `${problem.field}: found ${problem.found}, expected ${problem.expected}`;
  }
  const answer = await client.replaySegment(channel, offset, text);
  if (answer.status === 200) return null;
  const why = failureOfAnswer(answer);
  // Of this item, and not of the command: gone meanwhile with the retention, too large, not understood.
  if ([404, 413, 422].includes(answer.status)) return why.message;
  throw why;
};

const typeIn = (text: string): string | undefined => {
  try {
    const parsed: unknown = JSON.parse(text);
    const type = typeof parsed === 'object' && parsed !== null ? (parsed as { type?: unknown }).type : undefined;
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
};

const openReplayed = async (dataDir: string, channel: string) => {
  const folder = join(dataDir, 'imports');
  const file = join(folder, `replayed-${channel}.json`);
  const text = await readFile(file, 'utf8').catch(() => '[]');
  const offsets = new Set<number>(
    (JSON.parse(text) as unknown[]).filter((each): each is number => typeof each === 'number'),
  );
  const begun = offsets.size;
  return {
    offsets,
    save: async () => {
      if (offsets.size === begun) return;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${file}.draft`, JSON.stringify([...offsets]), { mode: 0o600 });
      await rename(`${file}.draft`, file);
    },
  };
};
