/** What `GET /v1/status` tells: the numbers a person looks at first. */
export interface PlatformStats {
  readonly channels: readonly {
    readonly channel: string;
    /** What its channel file calls it, for people. */
    readonly title?: { readonly en: string; readonly zh: string };
    readonly accepted: number;
    readonly duplicates: number;
    /** Ever put aside. */
    readonly quarantined: number;
    /** Of these, what waits: neither replayed nor discarded, and not gone with the retention. */
    readonly held: number;
    /** When the newest touchpoint was taken in, ISO 8601; `null`: none yet. */
    readonly last: string | null;
  }[];
  /** Customers by stage, of each track. */
  readonly stages: {
    readonly relationship: Readonly<Record<string, number>>;
    readonly buyer: Readonly<Record<string, number>>;
    readonly tier: Readonly<Record<string, number>>;
  };
  readonly customers: number;
  readonly touchpoints: number;
  /** Position of the newest event. */
  readonly events: number;
  /** Records that wait, by consumer. */
  readonly lag: Readonly<Record<string, number>>;
  /** Consumers that are not in `lag`, since an engine that is away or not ready hides what waits for them. */
  readonly lagUnknown?: readonly string[];
  /** When this process began, ISO 8601. */
  readonly startedAt: string;
  /** For people, shown on the page: whether all of it is the shipped, generated sample, and what is not known. */
  readonly notice?: string;
}

export interface Readiness {
  readonly ready: boolean;
  /** What was looked at: `ok`, or what is wrong, in words without personal data. */
  readonly checks: Readonly<Record<string, string>>;
}
