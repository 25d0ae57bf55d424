import { type Clock } from '@tributary/kernel';
import { type Catalogue } from '@tributary/contracts';
import { type Connection } from '@tributary/embedded';
import { type Profiles } from '@tributary/query';
import { type Logger } from 'pino';
import { type AccessKeys } from '../access/access-keys.js';

export interface WarehouseStart {
  readonly dataDir: string;
  readonly store: Connection;
  readonly catalogue: Catalogue;
  readonly profiles: Profiles;
  readonly keys: AccessKeys;
  readonly clock: Clock;
  readonly host: string;
  /** 0: any free port. */
  readonly sqlPort: number;
  readonly logger: Logger;
}

/** ClickHouse's side of the platform: the loader that follows the log and the feed, and the SQL listener. */
export interface WarehouseSide {
  readonly sqlUrl: string | null;
  readonly trouble: () => string | null;
  /** Records that wait for the loader, by what it follows; with a name each. */
  lag(): Promise<Readonly<Record<string, number>>>;
  /** The loader has taken each of these topics up to here: input before it may be dropped. */
  loadedUpTo(topic: string, partition: number): Promise<number>;
  /** The loader flushes what it has, then chDB closes, before its thread ends. */
  stop(): Promise<void>;
}

/** NOT WIRED YET: openChdbWarehouse → migrate → runLoader → sqlListener of @tributary/warehouse go here. */
export const startWarehouseSide = async ({ logger }: WarehouseStart): Promise<WarehouseSide> => {
  logger.warn('the warehouse is not wired yet: no SQL');
  return {
    sqlUrl: null,
    trouble: () => null,
    lag: async () => ({}),
    loadedUpTo: async () => Infinity,
    stop: async () => undefined,
  };
};
