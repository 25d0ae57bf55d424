/** Whether each projection equals its rebuild from zero. */
export interface Verification {
  readonly equal: boolean;
  readonly position: number;
  readonly projections: readonly {
    readonly name: string;
    readonly equal: boolean;
    readonly rows?: number;
    readonly difference?: string;
  }[];
}

/** Long work on the whole platform; each may take minutes, beside everything else. */
export interface Operations {
  verify(): Promise<Verification>;
  /** Makes the read models what the events say. */
  rebuild(): Promise<Verification>;
  /** Drops all input that has had its effect, quarantine too, before its retention is over; the bytes are gone from the files. */
  endRetention(reason: string): Promise<{ readonly topics: number; readonly records: number }>;
}
