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

export const touchpointTopic = (channel: string): string => `touchpoints.${channel}`;
export const quarantineTopic = (channel: string): string => `quarantine.${channel}`;
export const channelOf = (topic: string): string => topic.slice(topic.indexOf('.') + 1);
export const COMMAND_TOPIC = 'commands';
export const PIPELINE_GROUP = 'pipeline';
