import { type FencedProducer, type KafkaLog } from '@tributary/kafka';
import { type Log } from '@tributary/kernel';
import { FEED_TOPIC, type FeedOutlet, feedRecords, lastSentTo } from '@tributary/pipeline';

const WRITER = 'projector';

/**
 * The feed over Kafka: one writer under one id, so whoever wrote before us fails at its next page, and a page is seen
 * whole or not at all. `log` must say where the last record that is seen stands.
 */
export const kafkaFeed = (kafka: KafkaLog, log: Log): FeedOutlet & { close(): Promise<void> } => {
  let writer: FencedProducer | undefined;
  const close = async (): Promise<void> => {
    await writer?.close();
    writer = undefined;
  };
  return {
    begin: async () => {
      await close();
      writer = await kafka.fencedProducer(WRITER);
      return lastSentTo(log);
    },
    send: async (messages) => {
      if (!writer) throw new Error('the feed was not begun');
      await writer.append([{ topic: FEED_TOPIC, records: feedRecords(messages) }]);
    },
    close,
  };
};
