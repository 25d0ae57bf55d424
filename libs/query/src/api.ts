import { type CustomerId, type Instant } from '@tributary/kernel';
import { type Profile } from '@tributary/domain';

/** When: `asOf` keeps what had happened by then (event time), `knownAt` what the platform had accepted by then. */
export interface When {
  readonly asOf?: Instant;
  readonly knownAt?: Instant;
}

export interface TimelineEntry {
  /** Event id of the fact or decision. */
  readonly id: string;
  /** When it happened; of a behaviour sum, its last touchpoint; of a course, its last transition. ISO 8601, UTC. */
  readonly at: string;
  readonly recordedAt: string;
  readonly kind: 'fact' | 'behaviour' | 'decision';
  readonly type: string;
  readonly channel: string | null;
  /** Payload of a fact, amounts as decimal texts; the counts of a behaviour sum; the body of a decision. */
  readonly detail: unknown;
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number } | null;
}

export interface TimelinePage {
  readonly customerId: CustomerId;
  /** Newest first by event time. */
  readonly entries: readonly TimelineEntry[];
  /** Pass as `before` for the next page; `null` at the end. */
  readonly next: string | null;
}

/** Why a value is what it is: value → rule version → events → log positions. */
export interface Explanation {
  readonly customerId: CustomerId;
  readonly path: string;
  readonly value: unknown;
  /** Of `value`, where that is an amount. A customer’s main currency may change: then steps have another. */
  readonly currency: string | null;
  /** Version of the rules that turned events into this value; `null` where it is a plain sum or register of facts. */
  readonly rules: string | null;
  /** Events after which the value at the path, or its currency, was another one than before, in event-time order; the last made it what it is. */
  readonly steps: readonly ExplanationStep[];
  /** How many steps were left out (the oldest), when there are more than the limit. */
  readonly omitted: number;
}

export interface ExplanationStep {
  readonly before: unknown;
  readonly after: unknown;
  /** Of `before` and of `after`, where the path leads to an amount. */
  readonly currencyBefore: string | null;
  readonly currency: string | null;
  /** When the value became so, in event time, ISO 8601 (UTC). */
  readonly at: string;
  /** Of a stage: what the rule looked at and found then, by all that is known of then; as it was decided, if it holds no more. Names ending in `_e4` are amounts in ten-thousandths. */
  readonly evidence: Readonly<Record<string, number>> | null;
  /** Of the amounts in `evidence`: the rules' reporting currency. `null`: there are none, or they are of earlier rules, which are not kept. */
  readonly evidenceCurrency: string | null;
  /** The fact or decision after which the value was another. A decision on a long history makes many steps at once. */
  readonly cause: TimelineEntry;
  /**
   * Of a decision: the facts behind it, as far as they can still be read. Of a stage those of its very moment, or the late
   * ones for which it was revised; none where time alone made it so.
   */
  readonly because: readonly TimelineEntry[];
}

/** One line of a list of customers. Amounts are decimal texts, instants ISO 8601 (UTC). */
export interface ListedCustomer {
  readonly customerId: CustomerId;
  readonly name: string | null;
  readonly stage: string | null;
  readonly buyer: string | null;
  readonly tier: string | null;
  readonly net: string;
  readonly currency: string | null;
  readonly lastSeen: string | null;
}

/** The read side: nothing here changes anything. */
export interface Profiles {
  /**
   * Whom an identifier names, at `when` (else today): then it may have been another; `undefined` if nobody is known by it.
   * Throws `InvalidIdentifierError` for a malformed one, and what `get` does.
   */
  findByIdentifier(type: string, value: string, when?: When): Promise<Profile | undefined>;
  /**
   * Any customer id ever issued resolves to today's customer (its namesake's holder at `when`). Without `when`, what the
   * documents hold; with it, folded again from the events, for which `ComponentTooLarge` may be thrown.
   */
  get(id: CustomerId, when?: When): Promise<Profile | undefined>;
  /** At most 200 entries a page. Throws `InvalidPosition` for a `before` that is none. */
  timeline(
    id: CustomerId,
    options: { readonly limit: number; readonly before?: string },
  ): Promise<TimelinePage | undefined>;
  /**
   * `path` as in the profile's JSON: `value.net`, `lifecycle.relationship.stage`, `orders.recent[0].net`, `identifiers`.
   * At most 50 steps, the newest. Throws `UnknownPath`, which names the nearest paths that there are.
   */
  explain(id: CustomerId, path: string, when?: When): Promise<Explanation | undefined>;
  /** A page of customers in id order, for lists and exports; at most 200. */
  list(options: { readonly after?: CustomerId; readonly limit: number }): Promise<readonly ListedCustomer[]>;
}
