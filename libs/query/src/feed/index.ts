export * from './cloud-event.js';
export * from './feed-position.js';
export * from './read-feed.js';
export * from './follow-feed.js';
