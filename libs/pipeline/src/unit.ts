import { hash } from 'node:crypto';
import { encodeDecision } from '@tributary/contracts';
import { customerStream } from '@tributary/domain';
import {
  type Append,
  type CustomerId,
  type Effects,
  type EventMetadata,
  type Instant,
  type LogRecord,
  namesakeOf,
  type NewEvent,
} from '@tributary/kernel';
import { type Census } from './census.js';
import { type Decided } from './decide-identity.js';
import { type Content, type DecodedAppend } from './decoded.js';
import { FEED_TOPIC, feedRecords } from './feed-messages.js';
import { type Projection } from './projection.js';
import { UNKNOWN_TYPE } from './subjects-named.js';
import { type WorkingSet } from './working-set.js';

export interface PlannedEvent {
  readonly event: NewEvent;
  readonly content: Content;
}

/**
 * What one batch will commit. Every append is applied to the projection as soon as it is planned, so that later
 * decisions of the same batch see it; nothing is durable before the effects are committed.
 */
export class Unit {
  readonly #set: WorkingSet;
  readonly #projection: Projection;
  readonly #head: number;
  #position: number;
  readonly #appends: Append[] = [];
  readonly #feed: LogRecord[] = [];

  constructor(set: WorkingSet, projection: Projection, head: number) {
    this.#set = set;
    this.#projection = projection;
    this.#head = head;
    this.#position = head;
  }

  get position(): number {
    return this.#position;
  }

  /** Plans one append. The subjects and customers that its events touch must be in the working set. */
  append(stream: string, expectedRevision: number, planned: readonly PlannedEvent[]): void {
    this.#appends.push({ stream, expectedRevision, events: planned.map(({ event }) => event) });
    const decoded: DecodedAppend = {
      stream,
      events: planned.map(({ event, content }, i) => ({
        id: event.id,
        revision: expectedRevision + 1 + i,
        position: this.#position + 1 + i,
        recordedAt: event.metadata.recordedAt,
        content,
      })),
    };
    this.#position += planned.length;
    for (const record of feedRecords(this.#projection.apply(decoded))) this.#feed.push(record);
  }

  /** Plans decisions, grouped by customer in the order given. Their subjects and customers must be in the working set. */
  decide(decisions: readonly Decided[], recordedAt: Instant, source?: EventMetadata['source']): void {
    const metadata: EventMetadata = source ? { recordedAt, source } : { recordedAt };
    const groups: { customerId: CustomerId; events: Decided[] }[] = [];
    for (const decided of decisions) {
      const last = groups[groups.length - 1];
      if (last?.customerId === decided.customerId) last.events.push(decided);
      else groups.push({ customerId: decided.customerId, events: [decided] });
    }
    for (const { customerId, events } of groups) {
      const stream = customerStream(customerId);
      const revision = this.#set.subjectOrNew(namesakeOf(customerId), UNKNOWN_TYPE).decided;
      this.append(
        stream,
        revision,
        events.map(({ event }, i) => ({
          event: { id: decisionId(stream, revision + 1 + i), type: event.type, data: encodeDecision(event), metadata },
          content: { kind: 'decision', decision: event },
        })),
      );
    }
  }

  effects(rest: {
    readonly census: Census;
    readonly seen: Effects['seen'];
    readonly outgoing: Effects['outgoing'];
    readonly offsets: Effects['offsets'];
    readonly documents: Effects['documents'];
  }): Effects {
    this.#set.recountInto(rest.census);
    const documents = [...this.#set.writes(this.#position), ...rest.documents];
    documents.push({ kind: 'checkpoint', key: 'census', version: this.#position, body: JSON.stringify(rest.census) });
    return {
      expectedHead: this.#head,
      appends: this.#appends,
      documents,
      seen: rest.seen,
      outgoing: this.#feed.length > 0 ? [...rest.outgoing, { topic: FEED_TOPIC, records: this.#feed }] : rest.outgoing,
      offsets: rest.offsets,
    };
  }
}

/** The place that a decision takes in its stream is its identity: deciding again after a crash gives the same id. */
export const decisionId = (stream: string, revision: number): string => {
  const hex = hash('sha256', `${stream}\0${revision}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
