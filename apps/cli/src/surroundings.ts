import { type Readable, type Writable } from 'node:stream';
import { type OpenAccessKeys } from './server/access.js';
import { type StartPlatform } from './server/platform.js';
import { type StartRole } from './server/role.js';

export type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** Everything outside of this process's logic that a command touches; a spec hands in its own. */
export interface Surroundings {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly interrupted: AbortSignal;
  readonly startPlatform: StartPlatform;
  readonly startRole: StartRole;
  readonly openAccessKeys: OpenAccessKeys;
}
