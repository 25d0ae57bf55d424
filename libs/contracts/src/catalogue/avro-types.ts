import avsc from 'avsc';
import { Undecodable } from './undecodable.js';

/** What avsc reads from and writes to; declared here because its typings leave it out. */
interface Tap {
  readonly buf: Buffer & { hexSlice(from: number, to: number): string };
  pos: number;
  readLong(): number;
  readString(): string | undefined;
  skipString(): void;
}
interface Readable {
  _read(tap: Tap): unknown;
  _skip(tap: Tap): void;
}

/**
 * An item takes at least a byte, so a count beyond the bytes left is a lie. avsc believes it and fills the memory with
 * nothing; one broken message on a topic must not do that to the process.
 */
const blockCount = (tap: Tap): number => {
  let count = tap.readLong();
  if (count < 0) {
    count = -count;
    tap.readLong();
  }
  if (count > tap.buf.length - tap.pos)
    throw new Undecodable('truncated', 'a list announces more items than bytes follow');
  return count;
};

class BoundedArray extends avsc.types.ArrayType {
  _read(tap: Tap): unknown[] {
    const items = this.itemsType as unknown as Readable;
    const read: unknown[] = [];
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      while (count-- > 0) read.push(items._read(tap));
    }
    return read;
  }

  _skip(tap: Tap): void {
    const items = this.itemsType as unknown as Readable;
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) while (count-- > 0) items._skip(tap);
  }
}

class BoundedMap extends avsc.types.MapType {
  _read(tap: Tap): Record<string, unknown> {
    const values = this.valuesType as Readable;
    const read: Record<string, unknown> = {};
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      while (count-- > 0) {
        const key = tap.readString();
        if (key === undefined) throw new Undecodable('truncated', 'a map ends within a key');
        read[key] = values._read(tap);
      }
    }
    return read;
  }

  _skip(tap: Tap): void {
    const values = this.valuesType as Readable;
    for (let count = blockCount(tap); count > 0; count = blockCount(tap)) {
      while (count-- > 0) {
        tap.skipString();
        values._skip(tap);
      }
    }
  }
}

const SUBJECT_BYTES = 16;

/** 16 bytes on the wire, `s_` and 32 hex digits in memory. */
class SubjectIdType extends avsc.types.LogicalType {
  /** As `_fromValue` of the bytes that follow, without a buffer of their own: there are some of these in each touchpoint. */
  _read(tap: Tap): string {
    const from = tap.pos;
    tap.pos += SUBJECT_BYTES;
    if (tap.pos > tap.buf.length) throw new Undecodable('truncated', 'ends within a subject');
    return `s_${tap.buf.hexSlice(from, tap.pos)}`;
  }

  protected override _fromValue(bytes: Buffer | undefined): string {
    if (bytes === undefined) throw new Undecodable('truncated', 'ends within a subject');
    return `s_${bytes.toString('hex')}`;
  }

  protected override _toValue(subject: unknown): Buffer | undefined {
    return typeof subject === 'string' && subject.length === 34 ? Buffer.from(subject.slice(2), 'hex') : undefined;
  }

  protected override _resolve(writer: avsc.Type): ((value: unknown) => unknown) | undefined {
    if (avsc.Type.isType(writer, 'logical')) return (value) => value;
    return writer.typeName === 'fixed' ? (value) => this._fromValue(value as Buffer) : undefined;
  }
}

/** Named types are defined once and referred to by name after; a name with dots is whole already. */
const boundedType = (schema: unknown, options: avsc.Type | object): avsc.Type | undefined => {
  const kind = (schema as { type?: unknown }).type;
  if (kind === 'array') return new BoundedArray(schema as never, options) as unknown as avsc.Type;
  if (kind === 'map') return new BoundedMap(schema as never, options) as unknown as avsc.Type;
  return undefined;
};

/** Decoded records shall be plain objects, equal to the literals that they were encoded from. */
const makePlain = (type: avsc.Type): void => {
  const { fields, itemsType, valuesType, types, recordConstructor } = type as unknown as {
    fields?: readonly { type: avsc.Type }[];
    itemsType?: avsc.Type;
    valuesType?: avsc.Type;
    types?: readonly avsc.Type[];
    recordConstructor?: { prototype: unknown };
  };
  if (recordConstructor !== undefined) recordConstructor.prototype = Object.prototype;
  for (const part of [...(fields ?? []).map((field) => field.type), itemsType, valuesType, ...(types ?? [])])
    if (part !== undefined) makePlain(part);
};

/** Compiles a schema to an avsc type: unions unwrapped, records plain, lists bounded, subjects as text. */
export const avroType = (schema: object): avsc.Type => {
  const type = avsc.Type.forSchema(schema as avsc.Schema, {
    wrapUnions: 'never',
    omitRecordMethods: true,
    logicalTypes: { 'tributary-subject': SubjectIdType },
    typeHook: boundedType as never,
  });
  makePlain(type);
  return type;
};

export type AvroType = avsc.Type;
