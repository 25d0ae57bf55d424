import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Channel, type FileChoice, sourceOfName } from '@tributary/intake';
import { replaceNote } from '../replace-note.js';
import { type Ledger } from './ledger.js';

/**
 * How far a file has been taken into a data folder; written only after the acknowledgements it stands for. It does not hold
 * the file's name, which may name a person and would outlive an erasure: its own name stands for the content.
 */
export interface Checkpoint {
  readonly channel: string;
  readonly resumeAt: number;
  readonly ledger: Ledger;
  /** ISO 8601; `null`: the file was not read to its end. */
  readonly finishedAt: string | null;
  /** Why reading ended before the file's end. */
  readonly damage: string | null;
}

export interface Checkpoints {
  /** Stands for the content of the file, whatever it is called and whatever the channel makes of it. */
  readonly content: string;
  read(): Promise<Checkpoint | undefined>;
  write(checkpoint: Checkpoint): Promise<void>;
}

/** As it lies in the data folder; earlier versions named the file. */
type Noted = Checkpoint & { readonly file?: string };

/** What is wrong with a file is told with its path, which is not kept. */
const THE_FILE = '{file}';

/**
 * The checkpoint of one file content under one source of a channel file: a file that changed is another file, and so is the
 * same one once the channel file maps it differently, or once its name makes it another source's.
 */
export const checkpointsOf = async (
  dataDir: string,
  channel: Channel,
  path: string,
  { source, entry }: FileChoice,
): Promise<Checkpoints> => {
  const { name } = channel;
  const hash = createHash('sha256').update(`${name}\0${entry ?? ''}\0`);
  hash.update(await readFile(channel.file));
  const content = createHash('sha256').update(`${entry ?? ''}\0`);
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    content.update(chunk as Buffer);
  }
  const folder = join(dataDir, 'imports');
  const noteOf = (digest: string) => join(folder, `${name}-${digest.slice(0, 32)}.json`);
  // Earlier versions left the source out.
  const [former, mark] = [noteOf(hash.copy().digest('hex')), `\0source ${channel.sources.indexOf(source)}`];
  const file = channel.sources.length > 1 ? noteOf(hash.update(mark).digest('hex')) : former;
  const noted = (at: string): Promise<Noted | undefined> => readFile(at, 'utf8').then(parse, () => undefined);
  let isThere = false;
  return {
    content: content.digest('hex').slice(0, 32),
    read: async () => {
      const left = file === former ? undefined : await noted(former);
      const ofSource = left?.file !== undefined && sourceOfName(channel, left.file) === source ? left : undefined;
      const before = (await noted(file)) ?? ofSource;
      if (!before) return undefined;
      const { file: _, ...kept } = before;
      return { ...kept, damage: kept.damage?.replaceAll(THE_FILE, path) ?? null };
    },
    write: async (checkpoint) => {
      if (!isThere) await mkdir(folder, { recursive: true, mode: 0o700 });
      isThere = true;
      const damage = checkpoint.damage?.replaceAll(path, THE_FILE) ?? null;
      await replaceNote(file, `${JSON.stringify({ ...checkpoint, damage }, null, 2)}\n`);
    },
  };
};

/** What a crash or another version left is not trusted: the file is then read from its beginning, which is harmless. */
const parse = (text: string): Noted | undefined => {
  try {
    const found = JSON.parse(text) as Partial<Noted>;
    return typeof found.resumeAt === 'number' && typeof found.ledger?.rows === 'number' ? (found as Noted) : undefined;
  } catch {
    return undefined;
  }
};
