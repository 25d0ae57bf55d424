interface Damage {
  readonly cause?: unknown;
  /** What has been handed out before. */
  readonly taken?: string;
  readonly remedy?: string;
}

/** The file ends or breaks before its end. Thrown after everything that could be read has been handed out. */
export class SourceDamaged extends Error {
  constructor(
    readonly file: string,
    what: string,
    { cause, taken = 'What could be read was taken', remedy = 'fetch the whole file and import it again' }: Damage = {},
  ) {
    super(`${file} ${what}. ${taken}; ${remedy}: what is known already is not counted twice`, { cause });
    this.name = 'SourceDamaged';
  }
}

/** The file is not what the channel file describes: nothing of it was taken. */
export class SourceMismatch extends Error {
  constructor(file: string, what: string, remedy: string) {
    super(`${file} ${what}. ${remedy}`);
    this.name = 'SourceMismatch';
  }
}
