import { loadIdentityRules, loadLifecycleRules, openCatalogue } from '@tributary/contracts';
import { channelTopics, sharedTopics } from '@tributary/domain';
import { type Clock, type Log } from '@tributary/kernel';
import { type StageContext } from '@tributary/pipeline';
import { type Logger } from 'pino';
import { type AccessKeys } from '../access/access-keys.js';
import { type Engines } from '../engines/engines.js';
import { type Opened } from '../engines/opened.js';
import { type ChannelNames } from '../platform/channel-names.js';
import { RETENTION_MS } from '../platform/retention.js';
import { patiently } from '../engines/patiently.js';
import { requireSameLookupKey } from '../engines/same-lookup-key.js';
import { KEYS_BACK } from '../stages/keys-back.js';
import { PASSED_OVER } from '../stages/passed-over.js';
import { type EngineSettings } from '../engines/settings.js';
import { type FollowedChannels, followChannels } from './follow-channels.js';

/** What a process can be; each is started with only the engines it needs. */
export const roles = ['collector', 'processor', 'projector', 'loader', 'api'] as const;
export type Role = (typeof roles)[number];

/** What every role is made from. */
export interface RoleBase {
  readonly role: Role;
  readonly bind: { readonly host: string; readonly port: number };
  readonly settings: EngineSettings;
  readonly engines: Engines;
  readonly opened: Opened;
  readonly keys: AccessKeys;
  /** Those that have a channel file or stand in the settings. */
  readonly named: ChannelNames;
  readonly channels: () => readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface RoleRuns {
  readonly port: number;
  /** Rejects when it cannot go on. A role that only answers requests never does. */
  readonly done: Promise<void>;
}

/** Every role makes sure of all topics, so that it does not matter which is started first. */
export const ensureTopics = async (
  log: Log,
  { channels, settings, engines, opened, logger }: RoleBase,
): Promise<FollowedChannels> => {
  const ensure = (names: readonly string[]): Promise<void> => {
    const topics = names.flatMap((channel) => channelTopics(channel, settings.partitions, RETENTION_MS));
    return patiently(() => log.ensureTopics([...sharedTopics, ...topics]), { signal: engines.signal });
  };
  const followed = await followChannels({ channels, ensure });
  const { lookupKey } = settings;
  if (lookupKey) await patiently(() => requireSameLookupKey(log, lookupKey), { signal: engines.signal });
  followed.whenMore(async (more) => logger.info({ channels: more }, 'there are channels more; their topics are there'));
  return opened.add('channels', followed, (it) => it.stop());
};

/** The engines of the processor and the projector. */
export const stageContext = async (base: RoleBase, log: Log): Promise<StageContext> => {
  const { engines, clock } = base;
  const { keysLostTo } = base.settings;
  const [events, profiles, vault] = [await engines.events(), await engines.profiles(), await engines.vault(log)];
  return {
    ports: { log, events, documents: profiles.documents, seen: profiles.seen, vault },
    catalogue: openCatalogue(),
    identityRules: loadIdentityRules({ lookupKey: engines.lookupKey() }),
    lifecycleRules: loadLifecycleRules(),
    clock,
    onKeysBack: (keys) => base.logger.warn({ keys }, KEYS_BACK),
    onPassedOver: (record) => base.logger.warn(record, PASSED_OVER),
    ...(keysLostTo === undefined ? {} : { keysLostTo }),
  };
};
