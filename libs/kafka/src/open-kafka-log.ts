import { type KafkaLog, type KafkaOptions } from './kafka-log.js';

/**
 * Resolves when Kafka has answered, so that a wrong address or password is known at the start. The client is loaded only
 * now: whoever reads settings, but works embedded, starts without it.
 */
export const openKafkaLog = async (options: KafkaOptions): Promise<KafkaLog> => {
  const { KafkaLog } = await import('./kafka-log.js');
  const log = new KafkaLog(options);
  try {
    await log.topics.reachable();
  } catch (error) {
    await log.close();
    throw error;
  }
  return log;
};
