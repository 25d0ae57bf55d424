import {
  type CustomerId,
  type DocumentStore,
  type Instant,
  isCustomerId,
  isSubjectId,
  type Log,
  type SubjectId,
  type TopicPartition,
} from '@tributary/kernel';
import { COMMAND_TOPIC } from './ports.js';

/** What a person or a service orders. Goes through the log like everything else, so it happens once, and in order. */
export type Command =
  | {
      readonly type: 'merge';
      readonly id: string;
      readonly at: Instant;
      readonly by: string;
      readonly reason: string;
      readonly customer: CustomerId;
      readonly other: CustomerId;
    }
  | {
      readonly type: 'unmerge';
      readonly id: string;
      readonly at: Instant;
      readonly by: string;
      readonly reason: string;
      /** Of several names of one customer, the one called after whom the subject is to be parted from. */
      readonly customer: CustomerId;
      /** What is to be taken out: a subject, or the namesake of a customer that was absorbed. */
      readonly subject: SubjectId;
      /** From whom it is to be parted, of the customer's members; unless told, from whom the name of it is after. */
      readonly stays?: SubjectId;
    }
  | {
      readonly type: 'erase';
      readonly id: string;
      readonly at: Instant;
      readonly by: string;
      readonly reason: string;
      readonly customer: CustomerId;
    };

export type Outcome =
  | { readonly status: 'done'; readonly customers: readonly CustomerId[]; readonly receipt?: ErasureReceipt }
  | {
      readonly status: 'refused';
      readonly code: 'not_found' | 'same_customer' | 'not_a_member' | 'only_subject';
      readonly message: string;
    };

/** Proof of an erasure; names nobody. */
export interface ErasureReceipt {
  readonly commandId: string;
  readonly erasedAt: string;
  readonly subjects: readonly SubjectId[];
  readonly keysDestroyed: number;
  /** What still holds the person's values until the log's retention is over. */
  readonly remaining: string;
}

/** A record of the commands' topic that is none. Whoever tells of it tells its place and its shape: what it says may be of anybody. */
export interface NoCommand {
  readonly type: 'none';
  readonly bytes: number;
  /** What it lacks to be a command. */
  readonly why: string;
}

/** Where a record that is no command lies. */
export interface PassedOver extends TopicPartition, Pick<NoCommand, 'bytes' | 'why'> {
  readonly offset: number;
}

/** The command that a record holds, without fields that no command has. */
export const commandOf = (value: Uint8Array): Command | NoCommand => {
  const none = (why: string): NoCommand => ({ type: 'none', bytes: value.length, why });
  let read: unknown;
  try {
    read = JSON.parse(new TextDecoder().decode(value));
  } catch {
    return none(value.length === 0 ? 'it is empty' : 'it is no JSON');
  }
  if (typeof read !== 'object' || read === null || Array.isArray(read)) return none('it is no JSON object');
  const said = read as Record<string, unknown>;
  const shape = Object.entries({ ...ofEach, ...(ofType.get(said['type']) ?? noType) });
  const lacking = shape.find(([field, isIt]) => !isIt(said[field]));
  if (lacking) return none(`its "${lacking[0]}" is not that of a command`);
  const known = shape.flatMap(([field]) => (said[field] === undefined ? [] : [[field, said[field]]]));
  return Object.fromEntries(known) as Command;
};

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;
const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
/** It becomes the key of a document: doors give and take no longer ones. */
const isName = (value: unknown): boolean => isText(value) && (value as string).length <= 128;
/** What no date can be made of would stop whoever carries it out. */
const isInstant = (value: unknown): boolean =>
  Number.isSafeInteger(value) && !Number.isNaN(new Date(value as number).getTime());
const isCustomer = (value: unknown): boolean => typeof value === 'string' && isCustomerId(value);
const isSubject = (value: unknown): boolean => typeof value === 'string' && isSubjectId(value);

const noType: Shape = { type: () => false };
const ofEach: Shape = {
  type: isText,
  id: isName,
  at: isInstant,
  by: (value) => typeof value === 'string',
  reason: (value) => typeof value === 'string',
  customer: isCustomer,
};
const ofType: ReadonlyMap<unknown, Shape> = new Map<Command['type'], Shape>([
  ['merge', { other: isCustomer }],
  ['unmerge', { subject: isSubject, stays: (value) => value === undefined || isSubject(value) }],
  ['erase', {}],
]);

/** Resolves when the command is durable. */
export const submitCommand = (log: Log, command: Command): Promise<void> =>
  log.append([
    {
      topic: COMMAND_TOPIC,
      records: [{ key: null, value: new TextEncoder().encode(JSON.stringify(command)), timestamp_ms: command.at }],
    },
  ]);

/** What became of a command; `undefined` if the pipeline has not come to it within `timeout_ms` (it still will). */
export const awaitOutcome = async (
  documents: DocumentStore,
  id: string,
  timeout_ms = 30_000,
): Promise<Outcome | undefined> => {
  for (let waited = 0, pause = 5; waited <= timeout_ms; waited += pause, pause = Math.min(pause * 2, 200)) {
    const [document] = await documents.get('outcome', [id]);
    if (document) return JSON.parse(document.body) as Outcome;
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return undefined;
};
