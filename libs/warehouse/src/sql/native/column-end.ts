import { Refused } from '../refused.js';
import { elementType, typeText } from './type-text.js';
import { varUInt } from './var-uint.js';

/** Bytes of a value of each type that always has as many. */
const widths: Readonly<Record<string, number>> = {
  ...{ Int8: 1, UInt8: 1, Bool: 1, Enum8: 1, Nothing: 1 },
  ...{ Int16: 2, UInt16: 2, Enum16: 2, Date: 2, BFloat16: 2 },
  ...{ Int32: 4, UInt32: 4, Float32: 4, Date32: 4, DateTime: 4, Time: 4, IPv4: 4, Decimal32: 4 },
  ...{ Int64: 8, UInt64: 8, Float64: 8, DateTime64: 8, Time64: 8, Decimal64: 8 },
  ...{ Int128: 16, UInt128: 16, UUID: 16, IPv6: 16, Decimal128: 16 },
  ...{ Int256: 32, UInt256: 32, Decimal256: 32 },
};

/** Types that are told by others. */
const told: Readonly<Record<string, string>> = {
  Point: 'Tuple(Float64, Float64)',
  Ring: 'Array(Point)',
  LineString: 'Array(Point)',
  MultiLineString: 'Array(LineString)',
  Polygon: 'Array(Ring)',
  MultiPolygon: 'Array(Polygon)',
};

const widthOf = (name: string, args: readonly string[]): number | undefined => {
  if (name === 'FixedString') return Number(args[0]);
  if (name.startsWith('Interval')) return 8;
  if (name !== 'Decimal') return widths[name];
  const digits = Number(args[0]);
  return digits <= 9 ? 4 : digits <= 18 ? 8 : digits <= 38 ? 16 : 32;
};

/** What stands within a type, or `undefined` where it is a plain one. */
const within = (type: string): { readonly name: string; readonly inner: readonly string[] } => {
  const { name, args } = typeText(told[type] ?? type);
  switch (name) {
    case 'Nullable':
    case 'LowCardinality':
    case 'Array':
      return { name, inner: args };
    case 'Map':
    case 'Nested':
      return { name: 'Array', inner: [`Tuple(${args.join(', ')})`] };
    case 'Tuple':
      return { name, inner: args.map(elementType) };
    case 'SimpleAggregateFunction':
      return within(args.at(-1) ?? '');
    default:
      return { name: type, inner: [] };
  }
};

/** Where what is written once before all values ends: the version of each dictionary. */
const headEnd = (at: number, type: string): number => {
  const { name, inner } = within(type);
  return name === 'LowCardinality' ? at + 8 : inner.reduce(headEnd, at);
};

const stringsEnd = (bytes: Buffer, from: number, count: number): number => {
  let at = from;
  for (let i = 0; i < count; i++) {
    const length = varUInt(bytes, at);
    at = length.end + length.value;
  }
  return at;
};

const ADDITIONAL_KEYS = 0x200;
const countAt = (bytes: Buffer, at: number): number => Number(bytes.readBigUInt64LE(at));

/** A dictionary's keys as far as there are any, then a number of its key for each value. */
const dictionaryEnd = (bytes: Buffer, from: number, type: string, count: number): number => {
  let at = from;
  for (let left = count; left > 0;) {
    const flags = bytes.readUInt32LE(at);
    at += 8;
    const plain = type.startsWith('Nullable(') ? (typeText(type).args[0] ?? '') : type;
    // A dictionary for all blocks is not written here; the keys of this one are.
    if (flags & ADDITIONAL_KEYS) at = valuesEnd(bytes, at + 8, plain, countAt(bytes, at));
    const values = countAt(bytes, at);
    at += 8 + values * 2 ** (flags & 255);
    left -= values;
  }
  return at;
};

const valuesEnd = (bytes: Buffer, at: number, type: string, count: number): number => {
  const { name, inner } = within(type);
  const [first = ''] = inner;
  switch (name) {
    case 'String':
      return stringsEnd(bytes, at, count);
    case 'Nullable':
      return valuesEnd(bytes, at + count, first, count);
    case 'Array': {
      const ends = at + count * 8;
      return valuesEnd(bytes, ends, first, count === 0 ? 0 : countAt(bytes, ends - 8));
    }
    case 'Tuple':
      return inner.length === 0 ? at + count : inner.reduce((from, one) => valuesEnd(bytes, from, one, count), at);
    case 'LowCardinality':
      return dictionaryEnd(bytes, at, first, count);
    default: {
      const { name: plain, args } = typeText(name);
      const width = widthOf(plain, args);
      if (width !== undefined) return at + count * width;
      throw new Refused(
        48,
        'NOT_IMPLEMENTED',
        `A column of the type ${plain.slice(0, 60)} is not told in this revision of Native; make it a text with toString.`,
      );
    }
  }
};

/** Where the values of a column of so many rows end, in ClickHouse's Native format. */
export const columnEnd = (bytes: Buffer, at: number, type: string, rows: number): number =>
  rows === 0 ? at : valuesEnd(bytes, headEnd(at, type), type, rows);
