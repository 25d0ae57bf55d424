export { afterWork, collectGarbage } from './after-work.js';
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
