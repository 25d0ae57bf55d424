import { JsonBytes } from './json-bytes.js';
import { type Keyed } from './keyed.js';
import { type Register } from './state.js';

/** What records are written with, one after the other: the bytes of the last one change with the next. */
export const json = new JsonBytes();

export const numberAfter = (name: string, value: number): void => {
  json.raw(name);
  json.number(value);
};
export const numberOrNullAfter = (name: string, value: number | null): void => {
  if (value !== null) return numberAfter(name, value);
  json.raw(name);
  json.raw('null');
};
export const stringAfter = (name: string, value: string): void => {
  json.raw(name);
  json.string(value);
};
export const stringOrNullAfter = (name: string, value: string | null): void => {
  if (value !== null) return stringAfter(name, value);
  json.raw(name);
  json.raw('null');
};

export const number = (value: number): void => json.number(value);
export const string = (value: string): void => json.string(value);

export const keyed = <V>(map: Keyed<V>, write: (value: V) => void): void => {
  for (let i = 0; i < map.length; i++) {
    const [key, value] = map[i] as [string, V];
    json.raw(i === 0 ? '[[' : ',[');
    json.string(key);
    json.raw(',');
    write(value);
    json.raw(']');
  }
  json.raw(map.length === 0 ? '[]' : ']');
};

/** What few subjects have. */
export const rare = (list: readonly unknown[]): void => {
  if (list.length === 0) json.raw('[]');
  else json.any(list);
};

export const register = <T>(held: Register<T> | null, write: (value: T) => void): void => {
  if (held === null) return json.raw('null');
  json.raw('{"value":');
  write(held.value);
  numberAfter(',"at":', held.at);
  stringAfter(',"id":', held.id);
  json.raw('}');
};
export const textRegister = (held: Register<string> | null): void => register(held, string);
