import { type Explanation, type ListedCustomer, type TimelinePage } from '@tributary/query';
import { type Profile } from '@tributary/domain';

export type { Explanation, Profile, ListedCustomer, TimelinePage };

/** An identifier, or a customer id. */
export type Who = { readonly id: string } | { readonly type: string; readonly value: string };

/** Moments as the server reads them: a date, or ISO 8601 with an offset. */
export interface When {
  readonly asOf?: string;
  readonly knownAt?: string;
}

/** `GET /v1/status` */
export interface Status {
  readonly channels: readonly ChannelStatus[];
  readonly stages: Readonly<Record<'relationship' | 'buyer' | 'tier', Readonly<Record<string, number>>>>;
  readonly customers: number;
  readonly touchpoints: number;
  /** Position of the newest event. */
  readonly events: number;
  /** Records that wait, by consumer. */
  readonly lag: Readonly<Record<string, number>>;
  /** Consumers of which it is not known what waits for them: an engine is away. */
  readonly lagUnknown?: readonly string[];
  readonly startedAt: string;
  readonly notice?: string;
}

export interface ChannelStatus {
  readonly channel: string;
  readonly accepted: number;
  readonly duplicates: number;
  /** Ever put aside. */
  readonly quarantined: number;
  /** Of these, what waits to be replayed or discarded. */
  readonly held: number;
  readonly last: string | null;
}

/** What became of a merge, unmerge or erasure. */
export interface CommandOutcome {
  readonly commandId: string;
  readonly status: 'done' | 'pending';
  readonly customers?: readonly string[];
  readonly receipt?: unknown;
}

/** `POST /v1/touchpoints`: items that were not accepted, by their place in the request. */
export interface Accepted {
  readonly accepted: number;
  readonly rejected: number;
  readonly items: readonly { readonly index: number; readonly status: string; readonly problem?: Problem }[];
}

/** Why something could not be understood: shapes, never values. */
export interface Problem {
  readonly code: string;
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** What is sent to `POST /v1/quarantine`; `bytes` is base64. */
export interface QuarantineItem {
  readonly reason: Problem;
  readonly position?: string;
  /** What the position is in, where its name may be that of others, too: stands for a file's content. */
  readonly source?: string;
  readonly origin: 'http' | 'file';
  readonly bytes: string;
}

/** Segment's doors, by what stands in their address. */
export const segmentDoors = ['identify', 'track', 'page', 'screen', 'group', 'alias', 'batch'] as const;
export type SegmentDoor = (typeof segmentDoors)[number];

export interface QuarantinePage {
  readonly channel: string;
  readonly items: readonly QuarantinedItem[];
  readonly next: string | null;
  /** The offset behind the newest item that was held when this was asked. */
  readonly end: number;
}

export type SettledAs = 'replayed' | 'discarded';

export interface QuarantinedItem extends Omit<QuarantineItem, 'bytes'> {
  readonly offset: number;
  readonly receivedAt: string;
  readonly size_bytes: number;
  /** What became of it; absent: it waits. */
  readonly settled?: SettledAs;
  readonly bytes?: string;
}

export interface BackupMade {
  readonly folder: string;
  readonly takenAt: string;
  readonly position: number;
  readonly bytes: number;
  readonly left: string;
}

export interface Verification {
  /** Of all projections: different before not compared before equal. */
  readonly outcome: 'equal' | 'different' | 'not_compared';
  readonly equal: boolean;
  readonly position: number;
  readonly projections: readonly {
    readonly name: string;
    readonly outcome: 'equal' | 'different' | 'not_compared';
    /** Compared, and equal. */
    readonly equal: boolean;
    readonly rows?: number;
    /** What differs, or why it was not compared, in words without personal data. */
    readonly difference?: string;
  }[];
}
