import { fieldInFile, type FileBatch, type MappedItem, type Reject } from '@tributary/intake';
import { type Accepted, type Problem, type QuarantineItem } from '../http/api.js';
import { type Client } from '../http/client.js';
import { type Refusals } from './ledger.js';

/** Most touchpoints, and most characters, of one request; the door takes 10,000 and 5 MB. */
const REQUEST_ITEMS = 1_000;
const REQUEST_CHARACTERS = 1 << 20;
/** More of one row than this is not kept: the door takes no more. */
const KEPT_BYTES = 3 << 20;

/** Where rows come from: two files of one name have their lines apart by their content. */
export interface FileIdentity {
  readonly name: string;
  readonly content: string;
}

interface Refused {
  readonly index: number;
  readonly problem: Problem;
}

/**
 * Hands one batch of a file to the doors: touchpoints to the channel's, what could not be understood to the quarantine.
 * Resolves when all of it is durable, with what the door refused.
 */
export const deliverBatch = async (
  client: Client,
  channel: string,
  file: FileIdentity,
  { items, rejects }: FileBatch,
): Promise<Refusals> => {
  const refused: Refused[] = [];
  const texts = items.map(({ envelope }) => JSON.stringify(envelope));
  for (const [from, to] of stretches(texts, REQUEST_ITEMS, REQUEST_CHARACTERS))
    refused.push(...(await post(client, channel, texts, from, to)).map((each) => inFile(items, each)));
  const aside = [
    ...rejects.map((reject) => asideOf(reject, file)),
    ...refused.map(({ index, problem }) => refusedAside(items[index] as MappedItem, texts[index] ?? '', problem, file)),
  ];
  for (const [from, to] of stretches(
    aside.map(({ bytes }) => bytes),
    REQUEST_ITEMS,
    REQUEST_CHARACTERS,
  ))
    await client.putAside(channel, aside.slice(from, to));
  return new Map(
    refused.map(({ index, problem }) => [
      index,
      `${problem.field}: found ${problem.found}, expected ${problem.expected}`,
    ]),
  );
};

/** The door knows the touchpoint; whoever looks for the fault has the file before them. */
const inFile = (items: readonly MappedItem[], { index, problem }: Refused): Refused => {
  const item = items[index];
  return item ? { index, problem: { ...problem, field: fieldInFile(item, problem.field) } } : { index, problem };
};

/** A request that the door finds too large is halved until it fits, or is one item that never will. */
const post = async (
  client: Client,
  channel: string,
  texts: readonly string[],
  from: number,
  to: number,
): Promise<Refused[]> => {
  const answer = await client.deliver(channel, `[${texts.slice(from, to).join(',')}]`);
  if (answer !== undefined) return refusedIn(answer, from);
  if (to - from === 1) return [{ index: from, problem: tooLarge }];
  const middle = (from + to) >> 1;
  return [...(await post(client, channel, texts, from, middle)), ...(await post(client, channel, texts, middle, to))];
};

const refusedIn = ({ items }: Accepted, from: number): Refused[] =>
  items.flatMap(({ index, problem }) => (problem === undefined ? [] : [{ index: from + index, problem }]));

const tooLarge: Problem = {
  code: 'too_large',
  field: 'touchpoint',
  found: 'more than the door takes in one request',
  expected: 'a touchpoint of less than 5 MB',
  remedy: 'split the record in the file and import it again',
};

/** Where to cut a list so that no piece holds more than so many items or, except alone, so many characters. */
function* stretches(
  texts: readonly string[],
  items: number,
  characters: number,
): Generator<readonly [from: number, to: number]> {
  let from = 0;
  let held = 0;
  for (let i = 0; i < texts.length; i++) {
    const length = texts[i]?.length ?? 0;
    if (i > from && (i - from >= items || held + length > characters)) {
      yield [from, i];
      [from, held] = [i, 0];
    }
    held += length;
  }
  if (from < texts.length) yield [from, texts.length];
}

/** As much of a file's name as stands in the position of its rows. */
export const heldName = (name: string): string => name.slice(-480);

const asideOf = ({ line, bytes, reason }: Reject, file: FileIdentity): QuarantineItem => ({
  reason: {
    code: 'row_not_understood',
    field: '',
    found: clipped(reason),
    expected: '',
    remedy: 'mend the row in the file, and import the file again: rows that are known are not counted twice',
  },
  position: `${heldName(file.name)}:${line}`,
  source: file.content,
  origin: 'file',
  bytes: Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, KEPT_BYTES)).toString('base64'),
});

const refusedAside = ({ row }: MappedItem, text: string, problem: Problem, file: FileIdentity): QuarantineItem => ({
  reason: {
    code: problem.code,
    field: clipped(problem.field),
    found: clipped(problem.found),
    expected: clipped(problem.expected),
    remedy: clipped(problem.remedy),
  },
  position: `${heldName(file.name)} row ${row}`,
  source: file.content,
  origin: 'file',
  bytes: Buffer.from(text).subarray(0, KEPT_BYTES).toString('base64'),
});

const clipped = (text: string): string => (text.length <= 1_000 ? text : `${text.slice(0, 999)}…`);
