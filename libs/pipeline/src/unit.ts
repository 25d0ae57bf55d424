import { hash } from 'node:crypto';
import { encodeDecision } from '@tributary/contracts';
import { customerStream } from '@tributary/domain';
import {
  type CustomerId,
  type DocumentSaid,
  type Effects,
  type EffectsDraft,
  type EventMetadata,
  type Instant,
  type LogAppend,
  namesakeOf,
  type NewEvent,
} from '@tributary/kernel';
import { type Census, censusWrite } from './census.js';
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
 * decisions of the same batch see it, and handed to the engine's draft, so that it need not be kept; nothing is durable
 * before `commit`.
 */
export class Unit {
  readonly #set: WorkingSet;
  readonly #projection: Projection;
  readonly #head: number;
  readonly #draft: EffectsDraft;
  #position: number;
  #isWritten = false;

  /** `draft`: begun with the topics of the feed and of all that is `seen` and sent. */
  constructor(set: WorkingSet, projection: Projection, head: number, draft: EffectsDraft) {
    this.#set = set;
    this.#projection = projection;
    this.#head = head;
    this.#draft = draft;
    this.#position = head;
  }

  get position(): number {
    return this.#position;
  }

  /** Whether the engine seals what it is given with an owner. */
  get seals(): boolean {
    return this.#draft.appendUnsealed !== undefined;
  }

  /**
   * Plans one append. The subjects and customers that its events touch must be in the working set. `owner`: with whose key the
   * engine is to seal them; only where it `seals`.
   */
  append(stream: string, expectedRevision: number, planned: readonly PlannedEvent[], owner?: string): void {
    const append = { stream, expectedRevision, events: planned.map(({ event }) => event) };
    if (owner === undefined) this.#draft.append(append);
    else this.#draft.appendUnsealed?.(append, owner);
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
    const messages = this.#projection.apply(decoded).filter(({ untold }) => !untold);
    if (messages.length > 0) this.#draft.send({ topic: FEED_TOPIC, records: feedRecords(messages) });
  }

  /** `at`: `topic/partition/offset` of the record by whose key the message is known again. */
  see(key: string, at: string): void {
    this.#draft.see({ key, at });
  }

  send(appends: readonly LogAppend[]): void {
    for (const append of appends) this.#draft.send(append);
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

  /**
   * Hands over what was planned, `documents` beside those that the events changed; the set may be used for the next unit
   * at once. Resolves when all of it is durable.
   */
  commit(census: Census, offsets: Effects['offsets'], documents: Effects['documents'] = []): Promise<void> {
    this.#set.recountInto(census);
    const durable = this.#draft.commit({
      expectedHead: this.#head,
      documents: this.#documents(census, documents),
      offsets,
    });
    if (!this.#isWritten)
      // Unless the engine says itself what was wrong before it asked.
      return durable.then(() => {
        throw new Error('the engine did not ask for all documents of a unit at once');
      });
    this.#set.settled();
    return durable;
  }

  *#documents(census: Census, more: Effects['documents']): Iterable<DocumentSaid> {
    yield* this.#set.said(this.#position);
    yield* more;
    yield censusWrite(census, this.#position);
    this.#isWritten = true;
  }
}

/** The place that a decision takes in its stream is its identity: deciding again after a crash gives the same id. */
export const decisionId = (stream: string, revision: number): string => {
  const hex = hash('sha256', `${stream}\0${revision}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
