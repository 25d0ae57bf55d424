export * from './types.js';
export * from './rules.js';
export * from './reporting.js';
export { parseLifecycleRules, LifecycleRulesInvalid } from './parse-rules.js';
export * from './course.js';
