/** `not_compared`: nothing is known of it, and `difference` says why. */
export type VerificationOutcome = 'equal' | 'different' | 'not_compared';

export interface ProjectionVerification {
  readonly name: string;
  readonly outcome: VerificationOutcome;
  /** Compared, and equal. */
  readonly equal: boolean;
  readonly rows?: number;
  /** What differs, or why it was not compared, in words without personal data. */
  readonly difference?: string;
}

/** Whether each projection equals its rebuild from zero. */
export interface Verification {
  /** The worst of its projections: different before not compared before equal. */
  readonly outcome: VerificationOutcome;
  readonly equal: boolean;
  readonly position: number;
  readonly projections: readonly ProjectionVerification[];
}

export interface Dropped {
  readonly topics: number;
  readonly records: number;
  /** Where bytes of what was dropped may still lie; absent: they are gone from the files. */
  readonly remaining?: string;
}

export interface BackupMade {
  readonly folder: string;
  readonly takenAt: string;
  /** Of the newest event when it was done; the backup may end a little before. */
  readonly position: number;
  readonly bytes: number;
  /** What is not in it, and has to be kept apart. */
  readonly left: 'secrets.json';
}

/** Long work on the whole platform; each may take minutes, beside everything else. */
export interface Operations {
  verify(): Promise<Verification>;
  /** Makes the read models what the events say. */
  rebuild(): Promise<Verification>;
  /** Drops all input that has had its effect, quarantine too, before its retention is over. */
  endRetention(reason: string): Promise<Dropped>;
  /** Copies the data folder as it is to one that is not there yet. Absent: it is not all in a data folder. */
  backup?(folder: string): Promise<BackupMade>;
}
