import { type CustomerId, type DocumentStore, type Instant, type Log, type SubjectId } from '@tributary/kernel';
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
