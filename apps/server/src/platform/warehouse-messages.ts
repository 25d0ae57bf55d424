import { type MessagePort } from 'node:worker_threads';
import { type HeldQuestion } from '@tributary/warehouse';
import { type Grant } from '../access/access-keys.js';
import { type EngineWait } from '../engines/engine-wait.js';
import { type EngineSettings } from '../engines/settings.js';
import { type Verification } from '../ops/operations.js';
import { type MemoryPlan } from './memory-plan.js';
import { type ThreadFailure } from './thread-failure.js';

export interface WarehouseStart {
  readonly dataDir: string;
  /** To the store's writer thread. */
  readonly port: MessagePort;
  readonly lookupKey: Uint8Array;
  readonly channels: readonly string[];
  readonly engines: EngineSettings;
  readonly logLevel: string;
  readonly plan: MemoryPlan;
  readonly host: string;
  /** 0: any free port. */
  readonly sqlPort: number;
  /** Opens the SQL door as well as the others while this process runs. */
  readonly token: { readonly text: string; readonly grant: Grant };
}

/** What still waits for the warehouse: touchpoints, feed messages, erasures. */
export type WarehouseLag = Readonly<Record<'facts' | 'customers' | 'erasures', number>>;

export type WarehouseOrder =
  | { readonly order: 'lag' | 'loaded' | 'verify' | 'rebuild'; readonly call: number }
  /** Tables as they are, by hard links, to a folder that is not there yet. */
  | { readonly order: 'link'; readonly call: number; readonly into: string }
  | { readonly order: 'stop'; readonly call: number };

export type WarehouseReport =
  | { readonly report: 'started'; readonly sqlPort: number }
  | {
      readonly report: 'answered';
      readonly call: number;
      readonly answer: WarehouseLag | number | Verification['projections'] | null;
    }
  | ({ readonly report: 'failed'; readonly call: number } & ThreadFailure)
  | { readonly report: 'waiting'; readonly wait: EngineWait }
  | { readonly report: 'retrying'; readonly message: string }
  /** Parts that the engine could not read, by table. */
  | { readonly report: 'broken'; readonly tables: Readonly<Record<string, number>> }
  | { readonly report: 'taken back'; readonly facts: number }
  /** Tables on a ClickHouse server hold what the store does not. */
  | { readonly report: 'ahead' }
  | { readonly report: 'missing'; readonly touchpoints: number }
  /** All questions at the SQL door that do not end, and how many can be answered beside them. */
  | { readonly report: 'held'; readonly held: readonly HeldQuestion[]; readonly placesLeft: number }
  /** chDB cannot be closed, nor this thread ended; all else is. */
  | { readonly report: 'unclosed'; readonly message: string }
  | { readonly report: 'trouble'; readonly message: string }
  /** It answers nothing any more: it has failed by a bug, and stopped as far as it could. */
  | { readonly report: 'ended' };
