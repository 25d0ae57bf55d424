import { type CustomerId, type Instant, type SubjectId } from '@tributary/kernel';

/** What the rules say of one identifier type. */
export interface IdentifierRule {
  /** 0 is the strongest. A touchpoint is filed under its strongest identifier; ties go to the smaller value. */
  readonly priority: number;
  /** How many identifiers of this type one customer may hold. A link that would exceed it is refused. */
  readonly maxPerCustomer: number;
  /**
   * An identifier that was seen with more than so many *others of one stronger type* joins strangers (a kiosk's device,
   * the shop's own phone): none of its links count any more.
   */
  readonly sharedAbove: number;
}

export interface IdentityRules {
  readonly version: string;
  readonly types: Readonly<Record<string, IdentifierRule>>;
  /** Identifiers that name nobody (`test@test.com`), as subjects: none of their links count. */
  readonly blocked: ReadonlySet<SubjectId>;
}

export interface IdentityNode {
  readonly subject: SubjectId;
  readonly type: string;
  /** Earliest `occurredAt` of any touchpoint that named it. */
  readonly firstSeen: Instant;
}

/** Two identifiers named by one touchpoint: its earliest, by (`at`, `id`). */
export interface Evidence {
  /** The subject that the touchpoint is filed under. */
  readonly a: SubjectId;
  readonly b: SubjectId;
  readonly at: Instant;
  /** The touchpoint's id. */
  readonly id: string;
}

/**
 * Somebody's word on two subjects; the newest on a pair, by (`at`, `id`), holds. It outranks evidence, unless it is to `withdraw`
 * what was said of the pair: that leaves it to evidence, as if nobody had ever said anything.
 */
export interface ManualLink {
  readonly kind: 'merge' | 'keep_apart' | 'withdraw';
  readonly a: SubjectId;
  readonly b: SubjectId;
  readonly at: Instant;
  readonly id: string;
}

/** Everything that is said about a set of subjects that evidence or somebody's word ties together, however indirectly. */
export interface Component {
  readonly nodes: readonly IdentityNode[];
  readonly evidence: readonly Evidence[];
  readonly manual: readonly ManualLink[];
}

export type RefusalReason = 'blocked_identifier' | 'shared_identifier' | 'too_many_of_type' | 'kept_apart';

export interface RefusedLink {
  readonly a: SubjectId;
  readonly b: SubjectId;
  readonly at: Instant;
  readonly id: string;
  readonly reason: RefusalReason;
  /** The identifier type whose rule refused, where one did. */
  readonly type: string | null;
}

export interface ResolvedCustomer {
  /** Named after the member first seen, ties by the smaller subject id. */
  readonly id: CustomerId;
  /** Sorted. */
  readonly subjects: readonly SubjectId[];
}

export interface Resolution {
  /** Sorted by id; each node is in exactly one. */
  readonly customers: readonly ResolvedCustomer[];
  /** Sorted by (at, id, a, b). */
  readonly refused: readonly RefusedLink[];
}
