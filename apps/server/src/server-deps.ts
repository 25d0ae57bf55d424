import { type Logger } from 'pino';
import { type Clock, type Log } from '@tributary/kernel';
import { type Catalogue, type Identify } from '@tributary/contracts';
import { type Profiles } from '@tributary/query';
import { type AccessKeys } from './access/access-keys.js';
import { type DoorLimits } from './collector/door-limits.js';
import { type Operations } from './ops/operations.js';
import { type ChannelNames } from './platform/channel-names.js';
import { type PlatformStats, type Readiness } from './ops/platform-stats.js';
import { type SettledItems } from './ops/quarantine/settled-items.js';
import { type CustomerCommands } from './profiles/customer-commands.js';

/** Everything that the server works on; a test hands in real embedded stores, the platform its own. */
export interface ServerDeps {
  /** Where it will listen. What a caller must show depends on whether this is loopback. */
  readonly bind: { readonly host: string; readonly port: number };
  readonly log: Log;
  /** The feed as subscribers may have it, where it is written before the profiles; absent: as `log` has it. */
  readonly toldFeed?: Log;
  readonly catalogue: Catalogue;
  readonly identify: Identify;
  readonly profiles: Profiles;
  /** Whether profiles that were lost are not yet all there again; absent where they cannot be without the events. */
  readonly rebuilding?: () => Promise<boolean>;
  readonly commands: CustomerCommands;
  readonly operations: Operations;
  readonly keys: AccessKeys;
  /** Channels beside those that have a key. */
  readonly channels: ChannelNames;
  /** One in a process: it holds what it has read. */
  readonly settled: SettledItems;
  readonly stats: () => PlatformStats | Promise<PlatformStats>;
  readonly readiness: () => Readiness | Promise<Readiness>;
  /** Share of the store's bound on writes under way; from 1 on the doors answer 429. */
  readonly pressure?: () => number;
  /** Called when a channel's topics exist, once per channel and start. */
  readonly onChannel?: (channel: string) => void;
  /** Of whose disk `/metrics` tells how much is free; absent: nothing is kept on one. */
  readonly dataDir?: string;
  readonly topic?: { readonly partitions: number; readonly retention_ms?: number };
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: Logger;
  readonly limits?: Partial<DoorLimits>;
  readonly feed?: {
    readonly subscribers?: number;
    readonly heartbeat_ms?: number;
    readonly stalled_ms?: number;
    readonly poll_ms?: number;
  };
}

/** What the doors in need, where they stand alone. */
export type DoorsDeps = Omit<ServerDeps, 'profiles' | 'rebuilding' | 'commands' | 'operations' | 'settled' | 'stats'>;

export const SERVER_DEPS = Symbol('ServerDeps');
