export * from './cloud-event.js';
export * from './feed-filter.js';
export * from './feed-position.js';
export * from './kafka-binding.js';
export * from './read-feed.js';
