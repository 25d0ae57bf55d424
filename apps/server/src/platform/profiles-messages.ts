import { type MessagePort } from 'node:worker_threads';
import { EngineError } from '@tributary/kernel';
import {
  ComponentTooLarge,
  InvalidIdentifierError,
  InvalidPosition,
  type Profiles,
  UnknownPath,
} from '@tributary/query';

/** What the thread of reads is started with. */
export interface ProfilesStart {
  readonly dataDir: string;
  /** To the store's writer thread. */
  readonly port: MessagePort;
  readonly lookupKey: Uint8Array;
}

export const reads = ['findByIdentifier', 'get', 'timeline', 'explain', 'list'] as const satisfies (keyof Profiles)[];

export interface ProfilesCall {
  readonly call: number;
  readonly read: (typeof reads)[number];
  readonly args: readonly unknown[];
}

/** The last thing that it is told. */
export type ProfilesOrder = ProfilesCall | 'stop';

export type ProfilesReport =
  'started' | { readonly call: number; readonly value: unknown } | { readonly call: number; readonly thrown: Thrown };

/** An error as it passes between threads, which keep of a class of ours neither its name nor its fields. */
export interface Thrown {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly fields: Readonly<Record<string, unknown>>;
}

const classes = new Map(
  [ComponentTooLarge, EngineError, InvalidIdentifierError, InvalidPosition, UnknownPath].map((one) => [one.name, one]),
);

export const toThrown = (error: unknown): Thrown => {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined, fields: {} };
  const { name, message, stack } = error;
  // Of any other class only what every error has: its fields may hold anything.
  return { name, message, stack, fields: classes.has(name) ? { ...error, cause: undefined } : {} };
};

/** The error that was thrown there: of its class, where that is one of ours. */
export const fromThrown = ({ name, message, stack, fields }: Thrown): Error => {
  const error = new Error(message);
  Object.setPrototypeOf(error, classes.get(name)?.prototype ?? Error.prototype);
  return Object.assign(error, fields, { name, stack });
};
