import { type OnWait } from '../engines/engine-wait.js';
import { type EngineSettings } from '../engines/settings.js';

export interface PlatformOptions {
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** 0: any free port. */
  readonly sqlPort: number;
  /** Warnings and errors only. */
  readonly quiet?: boolean;
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** How long input is kept after it has had its effect; 7 days by default. */
  readonly retention_ms?: number;
  /** Bytes that the store may take; when they are used up the doors answer 503. Absent: the disk decides. */
  readonly quota_bytes?: number;
  /** What the process may take; what the container or the machine has, unless told. Less makes for smaller units, which cost more. */
  readonly memory_bytes?: number;
  /** Engines by URL in the place of embedded ones; none unless told. */
  readonly engines?: EngineSettings;
  /** Aborted while it starts: it rejects with the reason instead of waiting for engines. */
  readonly signal?: AbortSignal;
  /** It will be stopped soon: what takes long is begun only where the command hangs on it. */
  readonly forOneCommand?: boolean;
  /** Told of each engine that is waited for at the start, in the place of the log. */
  readonly onWait?: OnWait;
  /** Shown on the page, such as that the data is the shipped sample. */
  readonly notice?: () => string | undefined;
}
