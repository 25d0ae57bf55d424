import { type Clock, type DocumentStore } from '@tributary/kernel';
import { type Identify } from '@tributary/contracts';
import { type IdentityRules, type LifecycleRules } from '@tributary/domain';
import { type FactSources } from './replay/read-facts.js';

export interface ProfileDeps extends FactSources {
  readonly documents: DocumentStore;
  readonly identify: (...identifier: Parameters<Identify>) => ReturnType<Identify>;
  readonly identityRules: IdentityRules;
  readonly lifecycleRules: LifecycleRules;
  readonly clock: Clock;
}
