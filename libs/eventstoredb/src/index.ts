export { type Address, parseAddress } from './address.js';
export { openEventStoreDB, type EventStoreDB, type EventStoreDBOptions } from './eventstoredb.js';
export { type Following } from './follow.js';
