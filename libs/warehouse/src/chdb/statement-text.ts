import { quoted } from '../schema/ddl.js';

const identifier = /^[A-Za-z_][A-Za-z0-9_]*$/;

const named = (name: string): string => {
  if (!identifier.test(name)) throw new TypeError(`not a name of a setting or parameter: ${name.slice(0, 40)}`);
  return name;
};

/** Statements that give a connection its settings and parameters; they last as long as the connection. */
export const settingsText = (
  settings: Readonly<Record<string, string | number>>,
  params: Readonly<Record<string, string>>,
): string[] => [
  ...Object.entries(settings).map(
    ([name, value]) => `SET ${named(name)} = ${typeof value === 'number' ? value : quoted(value)}`,
  ),
  ...Object.entries(params).map(([name, value]) => `SET param_${named(name)} = ${quoted(value)}`),
];

const escaped = (text: string): string =>
  text.replace(/\\/g, '\\\\').replace(/\t/g, '\\t').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\0/g, '\\0');

const literal = (value: unknown): string => {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return quoted(value);
  if (Array.isArray(value)) return `[${value.map(literal).join(',')}]`;
  return String(value);
};

/** A parameter's value as ClickHouse's HTTP interface takes it. */
export const paramText = (value: unknown): string => {
  if (value === null || value === undefined) return '\\N';
  if (typeof value === 'string') return escaped(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return literal(value);
  return String(value);
};
