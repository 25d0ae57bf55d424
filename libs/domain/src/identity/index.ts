export * from './types.js';
export * from './connects.js';
export * from './resolve.js';
