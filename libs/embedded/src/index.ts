export { afterWork, collectGarbage } from './after-work.js';
export { BeyondReach, documentsNear, type NearDocuments, type Reach } from './documents-near.js';
export {
  connectEmbedded,
  openEmbedded,
  type ConnectOptions,
  type Connection,
  type Embedded,
  type EmbeddedStats,
  type OpenOptions,
} from './embedded.js';
export { type WriterStats } from './protocol.js';
export { partitionOf } from './partition-of.js';
