import { type MessagePort } from 'node:worker_threads';
import { type GoneRecords } from '@tributary/kernel';
import { type PassedOver } from '@tributary/pipeline';
import { type EngineSettings } from '../engines/settings.js';
import { type Verification } from '../ops/operations.js';
import { type MemoryPlan } from './memory-plan.js';
import { type ThreadFailure } from './thread-failure.js';

/** What the pipeline's thread is started with. */
export interface PipelineStart {
  readonly dataDir: string;
  /** Of the embedded store. */
  readonly port: MessagePort;
  readonly masterKey: Uint8Array;
  readonly lookupKey: Uint8Array;
  readonly channels: readonly string[];
  readonly engines: EngineSettings;
  readonly logLevel: string;
  readonly plan: MemoryPlan;
}

export type PipelineOrder =
  | { readonly order: 'channel'; readonly channel: string }
  | { readonly order: 'verify'; readonly call: number }
  | { readonly order: 'rebuild'; readonly call: number }
  | { readonly order: 'stop' };

export type PipelineReport =
  | { readonly report: 'started' }
  /** The store refused what it may take later: it is tried again, and `null` says that it went well. */
  | { readonly report: 'waiting'; readonly message: string | null }
  /** The clock has leapt by so much and is not believed yet; `null`: it is again. */
  | { readonly report: 'clock'; readonly leap_ms: number | null }
  /** The log's retention dropped these before they were taken. */
  | ({ readonly report: 'gone' } & GoneRecords)
  /** The vault was set back, and so many keys that had been destroyed were there again; they are gone. */
  | { readonly report: 'keys back'; readonly keys: number }
  /** A record among the commands is none. */
  | ({ readonly report: 'passed over' } & PassedOver)
  | { readonly report: 'answered'; readonly call: number; readonly verification: Verification }
  | ({ readonly report: 'failed'; readonly call: number } & ThreadFailure)
  /** It has stopped for good, by order or because something is wrong. */
  | { readonly report: 'stopped'; readonly message: string | null };
