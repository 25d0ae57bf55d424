import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Readable } from 'node:stream';
import { constants, crc32, createGunzip } from 'node:zlib';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { delivered } from './delivered.js';
import { entryNames } from './entry-names.js';
import { officeEntry, officeFile } from './foreign-form.js';
import { SourceDamaged, SourceMismatch } from './source-damaged.js';

/** The unpacked bytes of a file, as a stream, with its progress. */
export interface Bytes {
  /** Throws SourceDamaged after the last readable chunk of a file that is cut or corrupt. */
  readonly chunks: AsyncIterable<Buffer>;
  /** Name of the entry within a zip; the file's own name otherwise. */
  readonly name: string;
  /** The entry that is read of a zip which holds others, too; `null`: there is nothing else in it. */
  readonly entry: string | null;
  /** How complaints call it: the path, and within a zip the entry. */
  readonly place: string;
  /** Of `bytesTotal`: of the packed file (gzip, plain) or of the unpacked entry (zip). */
  readonly bytesRead: () => number;
  readonly bytesTotal: number;
  /** Lets go of the file; needed only where `chunks` is not read to its end. */
  readonly close: () => void;
}

const chunk_bytes = 1 << 18;

/** Where packed bytes make no sense, zlib keeps for itself what it had unpacked of the chunk until there. */
const takenBefore = 'What stands some 256 KB or more before that was taken';
/** A checksum stands behind what it is of, which has been handed out by then. */
const maybeWrong = ', and something of it may be wrong';

/** Which file of a zip is meant: the one of this name; or the only one that fits, or the only one there is. */
export interface Wanted {
  readonly entry: string | null;
  readonly fits: (name: string) => boolean;
}

/** Opens a plain, gzip or zip file; which of them, its first bytes say, not its name. */
export const openBytes = async (path: string, wanted: Wanted): Promise<Bytes> => {
  const { head, size } = await headOf(path);
  if (head[0] === 0x50 && head[1] === 0x4b && head[2] === 0x03 && head[3] === 0x04) return openZip(path, wanted);
  const stream = createReadStream(path, { highWaterMark: chunk_bytes });
  const name = basename(path);
  const plain = head[0] !== 0x1f || head[1] !== 0x8b;
  return {
    chunks: naming(path, delivered(plain ? stream : gunzipped(stream))),
    name: plain ? name : name.replace(/\.gz$/i, ''),
    entry: null,
    place: path,
    bytesRead: () => stream.bytesRead,
    bytesTotal: size,
    close: () => void stream.destroy(),
  };
};

const headOf = async (path: string): Promise<{ head: Buffer; size: number }> => {
  const file = await open(path, 'r');
  try {
    const stat = await file.stat();
    if (!stat.isFile())
      throw new SourceMismatch(path, 'is not a file', 'Name one file; import the files of a folder one by one.');
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    return { head: buffer.subarray(0, bytesRead), size: stat.size };
  } finally {
    await file.close();
  }
};

const gunzipped = (stream: Readable): Readable => {
  // Flushing in full at each write hands out all that a cut file still holds; the cut itself is then an error at its end.
  const gunzip = createGunzip({ chunkSize: chunk_bytes, flush: constants.Z_SYNC_FLUSH });
  stream.once('error', (error) => gunzip.destroy(error));
  gunzip.once('close', () => stream.destroy());
  return stream.pipe(gunzip);
};

/** Says in plain words what a failing stream means; errors of the disk stay what they are. */
async function* naming(path: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* chunks;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (code === 'Z_BUF_ERROR')
      throw new SourceDamaged(path, 'is cut off: the gzip stream ends before its end', { cause: error });
    if (!code.startsWith('Z_')) throw error;
    const { message } = error as Error;
    // The first header was seen to be one: what has none stands behind a stream that is whole.
    if (message === 'incorrect header check')
      throw new SourceDamaged(path, 'holds other bytes behind the end of its gzip stream', {
        cause: error,
        taken: takenBefore,
        remedy:
          'if they belong there, unpack the file (gzip -dc passes over them) and import what comes out, else fetch it again',
      });
    throw new SourceDamaged(path, `is corrupt: ${message}`, { cause: error, taken: `${takenBefore}${maybeWrong}` });
  }
}

const openZip = async (path: string, wanted: Wanted): Promise<Bytes> => {
  let zip: ZipFile;
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true });
  } catch (error) {
    throw new SourceDamaged(path, `is no whole zip archive (${(error as Error).message})`, { cause: error });
  }
  const { found, isAlone } = await findEntry(zip, path, wanted).catch((error: unknown) => {
    zip.close();
    if (error instanceof SourceMismatch) throw error;
    throw new SourceDamaged(path, `is a damaged zip archive (${(error as Error).message})`, { cause: error });
  });
  if (!found || found.entry.isEncrypted()) {
    zip.close();
    if (found) throw new SourceMismatch(path, `has its entry ${found.name} encrypted`, 'Unpack it first.');
    throw new SourceMismatch(
      path,
      wanted.entry === null ? 'holds no file' : `holds no ${wanted.entry}`,
      'List it with `unzip -l`, and name an entry that is there.',
    );
  }
  const { entry, name } = found;
  let read = 0;
  let checksum = 0;
  const chunks = async function* (): AsyncGenerator<Buffer, void, undefined> {
    try {
      for await (const chunk of delivered(await zip.openReadStreamPromise(entry))) {
        read += chunk.length;
        checksum = crc32(chunk, checksum);
        yield chunk;
      }
    } catch (error) {
      throw new SourceDamaged(path, `breaks off within ${name} (${(error as Error).message})`, {
        cause: error,
        taken: takenBefore,
      });
    } finally {
      zip.close();
    }
    // A gzip stream checks itself; of a zip entry only its length was checked.
    if (checksum !== entry.crc32)
      throw new SourceDamaged(path, `is corrupt: ${name} has not the checksum (CRC-32) that the archive states`, {
        taken: `What it holds was taken${maybeWrong}`,
      });
  };
  return {
    chunks: chunks(),
    name: basename(name),
    entry: isAlone ? null : name,
    place: `${path} (entry ${name})`,
    bytesRead: () => read,
    bytesTotal: entry.uncompressedSize,
    close: () => zip.close(),
  };
};

/** So many names are told of a zip that holds several files. */
const mostNamed = 10;

/** What systems put beside the files that somebody packed. */
const isByTheWay = (name: string): boolean => /^__MACOSX\/|(^|\/)\.DS_Store$/.test(name);

interface Named {
  readonly entry: Entry;
  readonly name: string;
}

interface Found {
  readonly found: Named | null;
  /** There is no other that could have been meant. */
  readonly isAlone: boolean;
}

const findEntry = async (zip: ZipFile, path: string, { entry: wanted, fits }: Wanted): Promise<Found> => {
  const [files, fitting] = [new Some(), new Some()];
  for await (const entry of zip.eachEntry()) {
    const names = entryNames(entry);
    const [likeliest = entry.fileName] = names;
    if (likeliest.endsWith('/')) continue;
    if (wanted !== null && names.includes(wanted)) return { found: { entry, name: wanted }, isAlone: false };
    if (wanted !== null || isByTheWay(likeliest)) continue;
    if (likeliest === officeEntry) throw officeFile(path);
    const read = names.find((name) => fits(basename(name)));
    files.add({ entry, name: read ?? likeliest });
    if (read !== undefined) fitting.add({ entry, name: read });
  }
  const only = fitting.only ?? files.only;
  if (only || files.count === 0) return { found: only, isAlone: files.count < 2 };
  // To take one of them and leave the others out in silence would lose what they hold.
  const among = fitting.count > 1 ? fitting : files;
  const what =
    fitting.count > 1 ? 'files that the channel reads' : 'files, none of which the channel reads by its name';
  throw new SourceMismatch(
    path,
    `holds ${among.count} ${what}: ${among.named}`,
    'Name the one that is meant with --entry, and then the others.',
  );
};

/** Entries of which a few are named: an archive may hold millions. */
class Some {
  count = 0;
  private first: Named | null = null;
  private readonly names: string[] = [];

  add(named: Named): void {
    this.count++;
    this.first ??= named;
    if (this.names.length < mostNamed) this.names.push(named.name);
  }

  get only(): Named | null {
    return this.count === 1 ? this.first : null;
  }

  get named(): string {
    return this.names.join(', ') + (this.count > mostNamed ? ` and ${this.count - mostNamed} more` : '');
  }
}
