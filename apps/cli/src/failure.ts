import { ChannelFileError, SourceMismatch } from '@tributary/intake';
import { EngineError } from '@tributary/kernel';
import { ExitCode } from './exit-code.js';

/** Ends the command with one line that says what is wrong and what to do; never quotes a person's data. */
export class Failure extends Error {
  constructor(
    readonly exit: ExitCode,
    message: string,
    readonly remedy: string | null = null,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'Failure';
  }

  get line(): string {
    return this.remedy === null ? this.message : `${this.message}; ${this.remedy}`;
  }
}

export const usage = (message: string, remedy: string | null = null): Failure =>
  new Failure(ExitCode.usage, message, remedy);

/** Any error as the failure that it means to the person at the terminal. */
export const failureOf = (error: unknown): Failure => {
  if (error instanceof Failure) return error;
  const cause = { cause: error };
  if (error instanceof EngineError) {
    const inUse = /the data folder .* is in use/.test(error.message);
    return new Failure(inUse ? ExitCode.refused : ExitCode.failed, error.message, null, cause);
  }
  // By name: the server is loaded only when it is started here.
  if (error instanceof Error && error.name === 'SettingRefused')
    return new Failure(ExitCode.usage, error.message, 'docs/guide/engines.md lists all settings', cause);
  if (error instanceof Error && error.name === 'AdminKeyMissing')
    return new Failure(ExitCode.refused, error.message, null, cause);
  if (error instanceof Error && error.name === 'KeysDamaged')
    return new Failure(ExitCode.failed, error.message, null, cause);
  if (error instanceof ChannelFileError || error instanceof SourceMismatch)
    return new Failure(ExitCode.failed, error.message, null, cause);
  const {
    code,
    message = 'something failed',
    port,
    path,
  } = error as { code?: string; message?: string; port?: number; path?: string };
  switch (code) {
    case 'EADDRINUSE':
      return new Failure(
        ExitCode.refused,
        `port ${port ?? ''} is taken by another program`,
        `choose another: --port or --sql-port`,
        cause,
      );
    case 'ENOENT':
      return new Failure(ExitCode.notFound, `there is no ${path ?? 'such file'}`, 'check the path', cause);
    case 'EACCES':
    case 'EPERM':
      return new Failure(
        ExitCode.failed,
        `${path ?? 'a file'} may not be read or written`,
        'check its owner and mode',
        cause,
      );
    case 'ENOSPC':
      return new Failure(ExitCode.failed, 'the disk is full', 'free some space and run the same command again', cause);
    default:
      return new Failure(
        ExitCode.failed,
        message,
        code === undefined ? 'run it again with --debug to see where' : null,
        cause,
      );
  }
};
