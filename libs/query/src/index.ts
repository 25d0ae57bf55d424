export * from './api.js';
export * from './deps.js';
export * from './errors.js';
export * from './moment.js';
export * from './open-profiles.js';
export { openToday, type Today } from './today/open-today.js';
export { customerAt, type CustomerThen } from './customer-at.js';
export * from './replay/index.js';
export * from './feed/index.js';
