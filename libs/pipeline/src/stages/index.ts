export * from './processor.js';
export * from './projector.js';
export * from './feed-outlet.js';
export * from './relay.js';
export * from './foreign-log.js';
export { documentsMadeTo, type ProjectionState, projectionState } from './checkpoint.js';
export { readBack } from './log-tail.js';
export { SEEN_RETENTION_MS } from './seen-memory.js';
