/** The suites that every adapter of a port passes, whole. Only tests import this. */
export * from './ports/log.contract.js';
export * from './ports/event-store.contract.js';
export * from './ports/documents.contract.js';
export * from './ports/key-vault.contract.js';
export * from './ports/effects.contract.js';
