export { type FencedProducer } from './fenced-producer.js';
export { type Notice } from './client.js';
export { type KafkaLog, type KafkaOptions } from './kafka-log.js';
export { openKafkaLog } from './open-kafka-log.js';
export { partitionOf } from './partition-of.js';
export { type BoundRecord, type RecordBinding, type RecordBindings, type RecordHeaders } from './record-binding.js';
export { kafkaSettingNames, parseKafkaUrl, tellsPassword, type KafkaSettings } from './settings.js';
export { type SoleTurn } from './sole-turn.js';
