import { WrongExpectedRevision } from '../errors.js';
import { type Append, type EventStore, type RecordedEvent } from '../ports/event-store.js';

export class MemoryEvents implements EventStore {
  readonly #all: RecordedEvent[] = [];
  readonly #streams = new Map<string, RecordedEvent[]>();

  async append(appends: readonly Append[]): Promise<void> {
    for (const append of appends) this.appendNow(append);
  }

  appendNow({ stream, expectedRevision, events }: Append): void {
    let held = this.#streams.get(stream);
    if (!held) this.#streams.set(stream, (held = []));
    if (held.length - 1 !== expectedRevision) {
      const there = held.slice(expectedRevision + 1, expectedRevision + 1 + events.length);
      if (there.length === events.length && there.every((event, i) => event.id === events[i]?.id)) return;
      throw new WrongExpectedRevision(stream, expectedRevision, held.length - 1);
    }
    for (const event of events) {
      const recorded: RecordedEvent = { ...event, stream, revision: held.length, position: this.#all.length };
      held.push(recorded);
      this.#all.push(recorded);
    }
  }

  async readStream(stream: string, fromRevision: number, maxEvents: number): Promise<readonly RecordedEvent[]> {
    return (this.#streams.get(stream) ?? []).slice(fromRevision, fromRevision + maxEvents);
  }

  async readStreams(streams: readonly string[]): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    return new Map(streams.map((stream) => [stream, [...(this.#streams.get(stream) ?? [])]]));
  }

  async readAll(after: number, maxEvents: number, streamPrefix = ''): Promise<readonly RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    for (let i = after + 1; i < this.#all.length && found.length < maxEvents; i++) {
      const event = this.#all[i] as RecordedEvent;
      if (event.stream.startsWith(streamPrefix)) found.push(event);
    }
    return found;
  }

  async head(): Promise<number> {
    return this.#all.length - 1;
  }
}
