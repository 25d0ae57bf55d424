import { type AccessKeys } from './access.js';

/** What the CLI needs of `startPlatform` of the server; loaded only when a platform is started in this process. */
export interface PlatformOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  readonly sqlPort: number;
  /** Log warnings and errors only. */
  readonly quiet: boolean;
  /** What it may take; absent: what the container or the machine has. */
  readonly memory_bytes?: number;
  /** It will be stopped soon: what takes long is begun only where the command hangs on it. */
  readonly forOneCommand?: boolean;
  /** Aborted while it starts: it gives up waiting for engines. */
  readonly signal?: AbortSignal;
  /** Told of each engine that is waited for at the start, in the place of the log. */
  readonly onWait?: (wait: EngineWait) => void;
  /** Shown on the page, such as that the people on it do not exist. */
  readonly notice?: () => string | undefined;
}

export interface EngineWait {
  readonly engine: string;
  readonly at: string;
  /** `null`: it is there. */
  readonly reason: string | null;
}

export interface Platform {
  readonly url: string;
  readonly sqlUrl: string | null;
  /** Opens every door of this server while it runs. */
  readonly token: string;
  readonly keys: AccessKeys;
  /** Closes the doors, finishes what is under way, lets go of the data folder. */
  stop(): Promise<void>;
}

export type StartPlatform = (options: PlatformOptions) => Promise<Platform>;
