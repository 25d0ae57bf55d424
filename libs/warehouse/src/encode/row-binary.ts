import { type Cell, DAY_MS, type RowBatch } from '@tributary/kernel';
import { type ColumnType, isNullable, type PlainType, plainTypeOf } from '../schema/column-type.js';
import { type TableSpec } from '../schema/table-spec.js';
import { ByteSink } from './byte-sink.js';

type Write = (sink: ByteSink, cell: Cell) => void;

const number = (cell: Cell): number => {
  if (typeof cell === 'number') return cell;
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  throw new TypeError(`expected a number, got ${cell === null ? 'null' : typeof cell}`);
};
const integer = (cell: Cell): number => {
  const value = number(cell);
  if (!Number.isSafeInteger(value)) throw new TypeError('expected an integer');
  return value;
};
const natural = (cell: Cell, max: number): number => {
  const value = integer(cell);
  if (value < 0 || value > max) throw new TypeError(`expected an integer from 0 to ${max}`);
  return value;
};
/** The largest of `Decimal(18,4)`, in ten-thousandths. */
const MOST_E4 = 10n ** 18n - 1n;
/**
 * Ten-thousandths. A sum beyond what the type holds becomes the nearest that it does hold: the absurd orders of one
 * customer must not end the loading of everybody's rows.
 */
const decimal = (sink: ByteSink, cell: Cell): void => {
  if (typeof cell !== 'bigint') return sink.int64(integer(cell));
  const least = -MOST_E4;
  sink.uint64(BigInt.asUintN(64, cell > MOST_E4 ? MOST_E4 : cell < least ? least : cell));
};
const text = (cell: Cell): string => {
  if (typeof cell === 'string') return cell;
  throw new TypeError(`expected a text, got ${cell === null ? 'null' : typeof cell}`);
};
const texts = (cell: Cell): readonly string[] => {
  if (Array.isArray(cell)) return cell as readonly string[];
  throw new TypeError('expected a list of texts');
};
/** An instant in ms; within a list, which holds texts only, ISO 8601. */
const instantOf = (iso: string): number => {
  const at = Date.parse(iso);
  if (Number.isNaN(at)) throw new TypeError('expected an instant in ISO 8601');
  return at;
};

/** Few different values, often repeated: their bytes are kept. */
const repeatedText = (): Write => {
  const known = new Map<string, Uint8Array>();
  return (sink, cell) => {
    const value = text(cell);
    const bytes = known.get(value);
    if (bytes !== undefined) return sink.raw(bytes);
    const own = new ByteSink(64);
    own.string(value);
    const taken = own.take();
    if (known.size < 1000 && taken.length < 256) known.set(value, taken);
    sink.raw(taken);
  };
};

const plainWriter = (type: PlainType): Write => {
  switch (type) {
    case 'String':
      return (sink, cell) => sink.string(text(cell));
    case 'LowCardinality(String)':
      return repeatedText();
    case "DateTime64(3,'UTC')":
      return (sink, cell) => sink.int64(integer(cell));
    case 'Decimal(18,4)':
      return decimal;
    case 'Date':
      return (sink, cell) => sink.uint16(natural(Math.floor(integer(cell) / DAY_MS), 0xffff));
    case 'Float64':
      return (sink, cell) => sink.float64(number(cell));
    case 'UInt8':
      return (sink, cell) => sink.uint8(natural(cell, 0xff));
    case 'UInt16':
      return (sink, cell) => sink.uint16(natural(cell, 0xffff));
    case 'UInt32':
      return (sink, cell) => sink.uint32(natural(cell, 0xffff_ffff));
    case 'UInt64':
      return (sink, cell) =>
        typeof cell === 'bigint' ? sink.uint64(cell) : sink.int64(natural(cell, Number.MAX_SAFE_INTEGER));
    default:
      return type satisfies never;
  }
};

const writer = (type: ColumnType): Write => {
  if (type === 'Array(String)')
    return (sink, cell) => {
      const list = texts(cell);
      sink.varuint(list.length);
      for (const one of list) sink.string(one);
    };
  if (type === "Array(DateTime64(3,'UTC'))")
    return (sink, cell) => {
      const list = texts(cell);
      sink.varuint(list.length);
      for (const one of list) sink.int64(instantOf(one));
    };
  const plain = plainWriter(plainTypeOf(type));
  if (!isNullable(type)) return plain;
  return (sink, cell) => {
    if (cell === null) return sink.uint8(1);
    sink.uint8(0);
    plain(sink, cell);
  };
};

export interface Encoded {
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
  /** RowBinary; its buffer is its own and may be transferred to another thread. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Encodes batches of one table. Keep it: it remembers the bytes of repeated values. */
export const rowEncoder = (table: TableSpec): ((batch: RowBatch) => Encoded) => {
  const writers = new Map(table.columns.map(({ name, type }) => [name, writer(type)]));
  let bytesPerRow = 256;
  return ({ table: stored, columns, rows }) => {
    const write = columns.map((column) => {
      const found = writers.get(column);
      if (found === undefined) throw new TypeError(`table ${table.name} has no column ${column}`);
      return found;
    });
    const sink = new ByteSink(Math.ceil(rows.length * bytesPerRow * 1.1));
    for (const row of rows) {
      if (row.length !== write.length)
        throw new TypeError(`a row of ${table.name} has ${row.length} cells, not ${write.length}`);
      for (let column = 0; column < write.length; column++)
        try {
          (write[column] as Write)(sink, row[column] as Cell);
        } catch (error) {
          throw new TypeError(`${table.name}.${columns[column]}: ${(error as Error).message}`, { cause: error });
        }
    }
    if (rows.length > 100) bytesPerRow = Math.max(32, sink.length / rows.length);
    return { table: stored, columns, rows: rows.length, bytes: sink.take() };
  };
};
