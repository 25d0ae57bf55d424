export * from './facts.js';
export * from './read-facts.js';
export * from './read-decisions.js';
export * from './decisions-about.js';
export * from './walk-component.js';
export * from './replay.js';
