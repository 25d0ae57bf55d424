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
}

/** Where engines share no transaction: everything but the one sink. */
export interface StageContext extends Omit<PipelineContext, 'ports'> {
  readonly ports: Omit<PipelinePorts, 'sink'>;
}

export { channelOf, COMMAND_TOPIC, quarantineTopic, touchpointTopic } from '@tributary/domain';
export const PIPELINE_GROUP = 'pipeline';
