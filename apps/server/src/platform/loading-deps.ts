import { type Catalogue } from '@tributary/contracts';
import { type Connection } from '@tributary/embedded';
import { type Clock, type EffectSink, type Warehouse } from '@tributary/kernel';
import { type documentsMadeTo } from '@tributary/pipeline';

/** What the warehouse is loaded from and with. */
export interface LoadingDeps {
  readonly store: Pick<Connection, 'log' | 'events' | 'documents'>;
  readonly catalogue: Catalogue;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  /** How far the documents tell of the events; absent where the feed is told in the same transaction. */
  readonly madeTo?: () => ReturnType<typeof documentsMadeTo>;
  /** Where it is kept how far was loaded; absent where the log's retention asks no consumer. */
  readonly sink?: Pick<EffectSink, 'commit'>;
  readonly onRetry: (message: string) => void;
  /** Loading ended for good: nothing more reaches the warehouse. */
  readonly onTrouble: (message: string) => void;
}
