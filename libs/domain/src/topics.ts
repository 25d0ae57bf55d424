/** Topics of the log by name: the one place that says them, since who writes and who reads must agree. */
export const touchpointTopic = (channel: string): string => `touchpoints.${channel}`;
export const quarantineTopic = (channel: string): string => `quarantine.${channel}`;
/** Of a topic of touchpoints or of the quarantine. */
export const channelOf = (topic: string): string => topic.slice(topic.indexOf('.') + 1);
export const COMMAND_TOPIC = 'commands';
/** Profile events, for everybody downstream. */
export const FEED_TOPIC = 'profile-events';
