import { type Explanation, type ListedCustomer, type TimelinePage } from '@tributary/query';
import { type Profile } from '@tributary/domain';
import { type BackupMade, type PlatformStats, type Verification } from '@tributary/server';

export type { BackupMade, Explanation, ListedCustomer, Profile, TimelinePage, Verification };
/** `GET /v1/status` */
export type Status = PlatformStats;

/** An identifier, or a customer id. */
export interface Identifier {
  readonly type: string;
  readonly value: string;
}

export type Who = { readonly id: string } | Identifier;

/** Moments as the server reads them: a date, or ISO 8601 with an offset. */
export interface When {
  readonly asOf?: string;
  readonly knownAt?: string;
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
