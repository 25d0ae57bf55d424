export * from './touchpoint.js';
export * from './events.js';
export * from './streams.js';
export * from './topics.js';
export * from './identity/index.js';
export * from './lifecycle/index.js';
export * from './profile/index.js';
