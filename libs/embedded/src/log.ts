import {
  type Consumption,
  type Log,
  type LogAppend,
  type PartitionRange,
  type RunningConsumption,
  type StoredRecord,
  type TopicPartition,
  type TopicSpec,
} from '@tributary/kernel';
import { consume } from './consumption.js';
import { type EmbeddedSink } from './effect-sink.js';
import { readPartition } from './read-partition.js';
import { type Reads } from './store-reader.js';

export class EmbeddedLog implements Log {
  constructor(
    readonly sink: EmbeddedSink,
    readonly reads: Reads,
  ) {}

  async ensureTopics(topics: readonly TopicSpec[]): Promise<void> {
    await this.sink.link.call({ name: 'ensureTopics', topics });
  }

  async append(appends: readonly LogAppend[]): Promise<void> {
    await this.sink.write({ outgoing: appends });
  }

  async read(at: TopicPartition, from: number, maxRecords: number): Promise<readonly StoredRecord[]> {
    const id = await this.sink.topics.id(at.topic, at.partition);
    return readPartition(this.reads, id, from, maxRecords);
  }

  async partitions(topic: string): Promise<readonly PartitionRange[]> {
    const rows = await this.reads.partitions(topic);
    return rows.map((row) => ({ topic, partition: row.number, begin: row.first, end: row.next }));
  }

  async committed(group: string, at: TopicPartition): Promise<number | undefined> {
    return this.reads.committed(group, await this.sink.topics.id(at.topic, at.partition));
  }

  consume(consumption: Consumption): RunningConsumption {
    return consume(this.sink, this.reads, consumption);
  }

  async truncate(at: TopicPartition, before: number): Promise<void> {
    const partition = await this.sink.topics.id(at.topic, at.partition);
    await this.sink.link.call({ name: 'truncate', partition, before });
  }
}
