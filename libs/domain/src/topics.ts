import { type TopicSpec } from '@tributary/kernel';

/** Topics of the log by name: the one place that says them, since who writes and who reads must agree. */
export const touchpointTopic = (channel: string): string => `touchpoints.${channel}`;
export const quarantineTopic = (channel: string): string => `quarantine.${channel}`;
/** Which items of all quarantines wait no longer, and why: positions, and no data of persons. */
export const QUARANTINE_SETTLED_TOPIC = 'quarantine-settled';
/** Of a topic of touchpoints or of the quarantine. */
export const channelOf = (topic: string): string => topic.slice(topic.indexOf('.') + 1);
export const COMMAND_TOPIC = 'commands';
/** Profile events, for everybody downstream. */
export const FEED_TOPIC = 'profile-events';

/** Whether a text may name a channel: it goes into names of topics, streams, keys and files as it is. */
export const isChannelName = (text: string): boolean => /^[a-z][a-z0-9_]{0,62}$/.test(text);

/** Of one channel. Both hold personal data as it came, so both forget; without `retention_ms` they do not. */
export const channelTopics = (channel: string, partitions: number, retention_ms?: number): readonly TopicSpec[] => {
  const retention = retention_ms === undefined ? {} : { retention_ms };
  return [
    { name: touchpointTopic(channel), partitions, ...retention },
    { name: quarantineTopic(channel), partitions: 1, ...retention },
  ];
};

/** Of all channels together. They have one partition: one at a time takes commands and tells the feed. */
export const sharedTopics: readonly TopicSpec[] = [COMMAND_TOPIC, FEED_TOPIC, QUARANTINE_SETTLED_TOPIC].map((name) => ({
  name,
  partitions: 1,
}));
