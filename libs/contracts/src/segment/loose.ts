import { isRecord } from '../door/record.js';

type Loose = Readonly<Record<string, unknown>>;
const nothing: Loose = {};

/** An object as it is; anything else as an empty one: Segment's libraries leave parts out at will. */
export const part = (value: unknown): Loose => (isRecord(value) ? value : nothing);

/** Scalars as text, lists and objects as JSON text; `undefined` for what is not stated. */
export const textOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return value === undefined || value === null ? undefined : JSON.stringify(value);
};

/** The first of several places in which something is stated. */
export const firstText = (...values: readonly unknown[]): string | undefined => {
  for (const value of values) {
    const text = textOf(value);
    if (text !== undefined) return text;
  }
  return undefined;
};

/** Properties as text by name. */
export const textsOf = (properties: Loose): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(properties)) {
    const text = textOf(value);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
};
