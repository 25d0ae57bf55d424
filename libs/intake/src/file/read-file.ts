import { createHash } from 'node:crypto';
import { type Channel, type ChannelSource } from '../channel/model.js';
import { sourceFor, sourceOfName } from '../channel/load-channels.js';
import { requireEncoding, requireJsonLines, requireText } from './foreign-form.js';
import { LineCutter } from './lines.js';
import { type Bytes, openBytes } from './open-bytes.js';
import { type FileBatch, Reading } from './reading.js';
import { SourceDamaged } from './source-damaged.js';

export interface ReadOptions {
  /** Leave out the first so many rows: a former batch's `resumeAt`. */
  readonly from?: number;
  /** A batch is handed out when it accounts for so many rows, or a little more. */
  readonly batchRows?: number;
  /** Which file within a zip; without it, the only one that the channel reads by its name, or the only one there is. */
  readonly entry?: string;
}

/**
 * Reads one file through a channel's mapping, in bounded memory. Each row ends in exactly one batch, as touchpoint,
 * ignored row or reject. The same file gives the same batches' worth of items again, with the same message ids.
 * @throws RangeError if no source of the channel reads files of this name
 * @throws SourceMismatch before any batch, if the file is not what the channel file describes
 * @throws SourceDamaged after the last batch, if the file is cut or corrupt; its last, maybe incomplete records are rejects
 */
export async function* readChannelFile(
  channel: Channel,
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<FileBatch, void, undefined> {
  const { from = 0, batchRows = 2000, entry = null } = options;
  const bytes = await openFor(channel, path, entry);
  const chunks = bytes.chunks[Symbol.asyncIterator]();
  try {
    const reading = new Reading(bytes.place, sourceOf(channel, path, bytes.name), from);
    const cutter = new LineCutter(reading.source.format.encoding, reading.source.format.quote);
    const head = new FileHead();
    function* batchesOf(pieces: readonly Buffer[]): Generator<FileBatch, void, undefined> {
      const [first] = pieces;
      if (first && reading.file === '') {
        requireText(bytes.place, first);
        requireEncoding(bytes.place, first, reading.source.format.encoding);
        if (reading.source.format.kind === 'ndjson') requireJsonLines(bytes.place, first);
      }
      reading.file = head.identity;
      for (const piece of pieces)
        for (const line of cutter.push(piece)) {
          reading.line(line);
          if (reading.accounted >= batchRows) yield reading.take(bytes);
        }
    }
    let damage: SourceDamaged | null = null;
    while (damage === null) {
      const step: IteratorResult<Buffer, void> | SourceDamaged = await chunks.next().catch(damageOnly);
      if (step instanceof SourceDamaged) damage = step;
      else if (step.done) break;
      else yield* batchesOf(head.pass(step.value));
    }
    yield* batchesOf(head.rest());
    const rest = cutter.rest();
    if (damage !== null) reading.cut(rest);
    else {
      if (rest !== null) reading.line(rest);
      reading.end();
    }
    yield reading.take(bytes);
    if (damage !== null) throw damage;
  } finally {
    await chunks.return?.();
    bytes.close();
  }
}

/** A damaged file still has an end to come to; any other failure ends the reading at once. */
const damageOnly = (error: unknown): SourceDamaged => {
  if (error instanceof SourceDamaged) return error;
  throw error;
};

const openFor = (channel: Channel, path: string, entry: string | null): Promise<Bytes> =>
  openBytes(path, { entry, fits: (name) => sourceOfName(channel, name) !== undefined });

/** The name of what is read chooses the source: of an entry within a zip, its own; failing that, the name of the zip. */
const sourceOf = (channel: Channel, path: string, inner: string): ChannelSource =>
  sourceOfName(channel, inner) ?? sourceFor(channel, path);

/** What of a file would be read, and by which source: two names of one content may choose two. */
export interface FileChoice {
  readonly source: ChannelSource;
  /** The entry of a zip that holds others, too. */
  readonly entry: string | null;
}

/** Chooses as `readChannelFile` does, and throws as it does before its first batch; nothing is read but names. */
export const chooseOfFile = async (
  channel: Channel,
  path: string,
  entry: string | null = null,
): Promise<FileChoice> => {
  const bytes = await openFor(channel, path, entry);
  bytes.close();
  return { source: sourceOf(channel, path, bytes.name), entry: bytes.entry };
};

/** Holds back the first 64 KiB until they are there: their hash tells the file (`<$file>`), and appending keeps it. */
class FileHead {
  private static readonly size = 1 << 16;
  private held: Buffer[] = [];
  private held_bytes = 0;
  identity = '';

  pass(chunk: Buffer): readonly Buffer[] {
    if (this.identity !== '') return [chunk];
    this.held.push(chunk);
    this.held_bytes += chunk.length;
    return this.held_bytes < FileHead.size ? [] : this.rest();
  }

  rest(): readonly Buffer[] {
    if (this.identity !== '') return [];
    const all = Buffer.concat(this.held);
    this.identity = createHash('sha256').update(all.subarray(0, FileHead.size)).digest('hex').slice(0, 16);
    this.held = [];
    return all.length > 0 ? [all] : [];
  }
}
