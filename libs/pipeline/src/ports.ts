import {
  type Clock,
  type DocumentStore,
  type EffectSink,
  type EventStore,
  type KeyVault,
  type Log,
  type SeenStore,
} from '@tributary/kernel';
import { type Catalogue } from '@tributary/contracts';
import { type IdentityRules, type LifecycleRules } from '@tributary/domain';
import { type PassedOver } from './commands.js';

/** The engines that the pipeline works on; embedded or distributed, it cannot tell. */
export interface PipelinePorts {
  readonly log: Log;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly seen: SeenStore;
  readonly vault: KeyVault;
  readonly sink: EffectSink;
}

export interface PipelineContext {
  readonly ports: PipelinePorts;
  readonly catalogue: Catalogue;
  readonly identityRules: IdentityRules;
  readonly lifecycleRules: LifecycleRules;
  readonly clock: Clock;
  /** What was sealed up to this position may have lost its key for good: it is known, and read as if it had been erased. */
  readonly keysLostTo?: number;
  /** Told where the vault was set back to an older state: how many destroyed keys were there again, and are gone now. */
  readonly onKeysBack?: (keys: number) => void;
  /** Told of a record among the commands that is none: nothing is made of it, and what comes behind it is carried out. */
  readonly onPassedOver?: (record: PassedOver) => void;
}

/** Where engines share no transaction: everything but the one sink. */
export interface StageContext extends Omit<PipelineContext, 'ports'> {
  readonly ports: Omit<PipelinePorts, 'sink'>;
}

export { channelOf, COMMAND_TOPIC, quarantineTopic, touchpointTopic } from '@tributary/domain';
export const PIPELINE_GROUP = 'pipeline';
export const PROJECTOR_GROUP = 'projector';
