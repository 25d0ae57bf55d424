import { type Catalogue } from '@tributary/contracts';
import { type Connection } from '@tributary/embedded';
import { type Clock, type EffectSink, type Warehouse } from '@tributary/kernel';
import { type MadeTo } from '@tributary/pipeline';

/** What the warehouse is loaded from and with. */
export interface LoadingDeps {
  readonly store: Pick<Connection, 'log' | 'events' | 'documents'>;
  readonly catalogue: Catalogue;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
  /** How far the documents tell of the events; absent where the feed is told in the same transaction. */
  readonly madeTo?: () => Promise<MadeTo>;
  /** Whether profiles that were lost, or set back, are not yet all there again; absent where they cannot be without the events. */
  readonly rebuilding?: () => Promise<boolean>;
  /** Where it is kept how far was loaded; absent where the log's retention asks no consumer. */
  readonly sink?: Pick<EffectSink, 'commit'>;
  /**
   * Told when the tables hold what the store does not, and were taken back to what it does: one of the two comes from a
   * backup. Absent where another platform may fill the same tables, or the store's newest may not be seen yet.
   */
  readonly onTakenBack?: (facts: number) => void;
  /** Told of the same where they are not taken back: nobody knows here which of the two an operator wants. */
  readonly onAhead?: () => void;
  /** Touchpoints that the log did not hold any more when they were to be loaded: tables go without them. */
  readonly onMissing?: (touchpoints: number) => void;
  readonly onRetry: (message: string) => void;
  /** Loading ended for good: nothing more reaches the warehouse. */
  readonly onTrouble: (message: string) => void;
}
