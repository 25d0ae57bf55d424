import { type FencedProducer, type KafkaLog } from '@tributary/kafka';
import { EngineError, type Log } from '@tributary/kernel';
import { FEED_TOPIC, type FeedOutlet, feedRecords, lastSentTo } from '@tributary/pipeline';

const WRITER = 'projector';

const FENCED = new Set(['INVALID_PRODUCER_EPOCH', 'PRODUCER_FENCED']);

/** For a writer hopeless; for its process not: it lost the commands' partition without being told, and may wait for it again. */
const isFenced = (error: unknown): boolean =>
  error instanceof Error && (FENCED.has((error as { type?: string }).type ?? '') || isFenced(error.cause));

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
      try {
        await writer.append([{ topic: FEED_TOPIC, records: feedRecords(messages) }]);
      } catch (error) {
        throw isFenced(error)
          ? new EngineError('kafka', 'retriable', 'another projector has taken the feed over', { cause: error })
          : error;
      }
    },
    close,
  };
};
