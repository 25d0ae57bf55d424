import { type EventMetadata, type NewEvent, type RecordedEvent } from '@tributary/kernel';
import { ByteReader, type ByteWriter } from './bytes.js';

/** The events of one append, packed by the caller and stored as they are: the writer never looks inside. */
export const writeEvents = (into: ByteWriter<ArrayBufferLike>, events: readonly NewEvent[]): void => {
  for (const event of events) {
    into.text(event.id);
    into.text(event.type);
    into.text(JSON.stringify(event.metadata));
    into.u32(event.data.length);
    into.bytes(event.data);
  }
};

export interface PackedEvents {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly events: number;
  readonly body: Uint8Array;
}

export const readEvents = (packed: PackedEvents): RecordedEvent[] => {
  const reader = new ByteReader(packed.body);
  const events: RecordedEvent[] = [];
  for (let i = 0; i < packed.events; i++) {
    const id = reader.text();
    const type = reader.text();
    const metadata = JSON.parse(reader.text()) as EventMetadata;
    const data = reader.bytes(reader.u32());
    const { stream, revision, position } = packed;
    events.push({ id, type, data, metadata, stream, revision: revision + i, position: position + i });
  }
  return events;
};

export const readEventIds = (body: Uint8Array, events: number): string[] => {
  const reader = new ByteReader(body);
  const ids: string[] = [];
  for (let i = 0; i < events; i++) {
    ids.push(reader.text());
    reader.text();
    reader.text();
    const length = reader.u32();
    reader.at += length;
  }
  return ids;
};

/** The part of a stream's name before its first `-`, as EventStoreDB has it; a name without one is in no category. */
export const categoryOf = (stream: string): string => {
  const dash = stream.indexOf('-');
  return dash < 0 ? '' : stream.slice(0, dash);
};
