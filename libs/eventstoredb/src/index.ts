export { type Address, parseAddress } from './address.js';
export { type EventStoreDB, type EventStoreDBOptions } from './eventstoredb.js';
export { type Following } from './follow.js';
export { openEventStoreDB } from './open-eventstoredb.js';
