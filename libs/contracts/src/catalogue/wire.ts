import { type AvroType } from './avro-types.js';
import { Undecodable } from './undecodable.js';

/** Confluent's wire format: a zero byte, the schema id (big-endian), the Avro body. */
export const wireHeader_bytes = 5;

/** Encoded messages share chunks of this size; keeping one alive keeps its chunk. */
const chunk_bytes = 64 * 1024;

/**
 * Writes messages one behind the other into chunks and answers views on them: no copy, one small allocation a message.
 * The views belong to the caller; a chunk is never written twice.
 */
export class WireWriter {
  private chunk = Buffer.alloc(chunk_bytes);
  private used = 0;

  write(id: number, type: AvroType, value: unknown): Uint8Array {
    for (let room = chunk_bytes; ;) {
      const start = this.used;
      if (start + wireHeader_bytes < this.chunk.length) {
        const end = type.encode(value, this.chunk, start + wireHeader_bytes);
        if (end > 0) {
          this.chunk[start] = 0;
          this.chunk.writeUInt32BE(id, start + 1);
          this.used = end;
          return this.chunk.subarray(start, end);
        }
        // avsc answers minus the bytes that were missing.
        room = Math.max(room, this.chunk.length - start - end);
      }
      this.chunk = Buffer.alloc(room);
      this.used = 0;
    }
  }
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The schema id of a message. Throws `Undecodable` where there is none. */
export const schemaIdOf = (bytes: Uint8Array): number => {
  if (bytes.length < wireHeader_bytes)
    throw new Undecodable(
      bytes.length === 0 ? 'empty' : 'truncated',
      `${bytes.length} bytes, the header alone takes 5`,
    );
  if (bytes[0] !== 0) throw new Undecodable('bad_magic', 'the first byte is not 0: not in the Confluent wire format');
  return (
    (((bytes[1] as number) << 24) |
      ((bytes[2] as number) << 16) |
      ((bytes[3] as number) << 8) |
      (bytes[4] as number)) >>>
    0
  );
};

/** The body of a message, read with `type`, through `resolver` if an older schema wrote it. Throws `Undecodable`. */
export const readBody = (
  bytes: Uint8Array,
  type: AvroType,
  resolver: ReturnType<AvroType['createResolver']> | undefined,
): unknown => {
  let read: { value: unknown; offset: number };
  try {
    read = type.decode(asBuffer(bytes), wireHeader_bytes, resolver);
  } catch (error) {
    // avsc's own words may quote the data.
    throw error instanceof Undecodable ? error : new Undecodable('malformed', 'the body does not follow its schema');
  }
  if (read.offset < 0) throw new Undecodable('truncated', 'the body ends early');
  if (read.offset !== bytes.length)
    throw new Undecodable('trailing_bytes', `${bytes.length - read.offset} bytes after the body`);
  return read.value;
};
