/** The column types that the warehouse uses; each has an encoding in `row-binary.ts`. */
export type PlainType =
  | 'String'
  | 'LowCardinality(String)'
  | "DateTime64(3,'UTC')"
  | 'Date'
  | 'Decimal(18,4)'
  | 'Float64'
  | 'UInt8'
  | 'UInt16'
  | 'UInt32'
  | 'UInt64';

export type ColumnType = PlainType | `Nullable(${PlainType})` | 'Array(String)' | "Array(DateTime64(3,'UTC'))";

/** What a column is when nothing is said: no type here is left to the engine's choice. */
export const isNullable = (type: ColumnType): boolean => type.startsWith('Nullable(');

export const plainTypeOf = (type: ColumnType): PlainType =>
  (isNullable(type) ? type.slice('Nullable('.length, -1) : type) as PlainType;
