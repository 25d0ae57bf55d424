import { type Append, type EventStore, type RecordedEvent } from '@tributary/kernel';
import { type EmbeddedSink } from './effect-sink.js';
import { readEvents } from './event-frame.js';
import { type Reads } from './store-reader.js';

export class EmbeddedEventStore implements EventStore {
  constructor(
    readonly sink: EmbeddedSink,
    readonly reads: Reads,
  ) {}

  async append(appends: readonly Append[]): Promise<void> {
    await this.sink.write({ appends }, true);
  }

  async readStream(stream: string, fromRevision: number, maxEvents: number): Promise<readonly RecordedEvent[]> {
    const events = (await this.reads.ofStream(stream, fromRevision, maxEvents)).flatMap(readEvents);
    const skip = events.findIndex(({ revision }) => revision >= fromRevision);
    return skip < 0 ? [] : events.slice(skip, skip + maxEvents);
  }

  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    const read = await this.reads.ofStreams(streams);
    return new Map(streams.map((stream, i) => [stream, read[i]!.flatMap(readEvents)]));
  }

  async readAll(after: number, maxEvents: number, streamPrefix = ''): Promise<readonly RecordedEvent[]> {
    const events = (await this.reads.after(after, maxEvents, streamPrefix)).flatMap(readEvents);
    const skip = events.findIndex(({ position }) => position > after);
    return skip < 0 ? [] : events.slice(skip, skip + maxEvents);
  }

  async head(): Promise<number> {
    return this.reads.head();
  }
}
