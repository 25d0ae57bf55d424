import { channelTopics, sharedTopics } from '@tributary/domain';
import { defaultChannelsDir } from '@tributary/intake';
import { readCensus } from '@tributary/pipeline';
import { patiently } from '../engines/patiently.js';
import { requireSameLookupKey } from '../engines/same-lookup-key.js';
import { type ChannelNames, channelNames } from './channel-names.js';
import { type Stores } from './open-stores.js';
import { type Start } from './start.js';

export interface OpenChannels {
  readonly named: ChannelNames;
  /** Those whose topics are there; more are added while the platform runs. */
  readonly ready: Set<string>;
  /** Beside them those that got a key since, in order. */
  readonly known: () => readonly string[];
  /** Of each channel's topic of touchpoints. */
  readonly partitions: number;
}

/** Makes the topics of all channels: those with a file or a key, and those that were written to before, by whatever key. */
export const openChannels = async (
  { settings, retention_ms, signal }: Start,
  { store, kafka, keys, secrets }: Stores,
): Promise<OpenChannels> => {
  const named = channelNames(defaultChannelsDir(), settings.channels);
  const taken = Object.keys((await readCensus(store.documents)).channels);
  const ready = new Set([...named.all(), ...keys.channels(), ...taken]);
  const partitions = kafka ? settings.partitions : 1;
  const topics = [...ready].flatMap((channel) => channelTopics(channel, partitions, retention_ms));
  await patiently(() => store.log.ensureTopics([...topics, ...sharedTopics]), { signal });
  if (kafka) await patiently(() => requireSameLookupKey(kafka, secrets.lookupKey), { signal });
  return { named, ready, known: () => [...new Set([...ready, ...keys.channels()])].sort(), partitions };
};
