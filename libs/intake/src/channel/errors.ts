/** A channel file that cannot be used: where in it, what is wrong, and what to write instead. */
export class ChannelFileError extends Error {
  constructor(
    readonly file: string,
    readonly path: string,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${file}: ${path === '' ? 'the file' : path} ${problem}. ${remedy}`);
    this.name = 'ChannelFileError';
  }
}

/** A row that the channel's mapping cannot take: it goes to the quarantine with this reason. */
export class MapFailure extends Error {
  constructor(readonly reason: string) {
    super(reason);
    this.name = 'MapFailure';
  }
}
