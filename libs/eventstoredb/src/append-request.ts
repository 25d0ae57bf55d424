import { type Append, type NewEvent } from '@tributary/kernel';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type BatchAppendReq } from '@eventstore/db-client/generated/streams_pb.js';
import { streamName } from './read-requests.js';

const { Options, ProposedMessage } = streams.BatchAppendReq;
const encoder = new TextEncoder();

/** Far below what a server takes in one message (16 MB), with room for what each event costs on the wire. */
const MESSAGE_BYTES = 1024 * 1024;
const EVENT_OVERHEAD_BYTES = 160;

export interface EncodedEvent {
  readonly event: NewEvent;
  readonly metadata: Uint8Array;
}

export const encodeEvents = (events: readonly NewEvent[]): readonly EncodedEvent[] =>
  events.map((event) => ({ event, metadata: encoder.encode(JSON.stringify(event.metadata)) }));

/**
 * As a server from 24.10.4 on counts it against its maximum append size: data, metadata, and the type in UTF-16. Those before
 * count the data alone, so that ours is the stricter there.
 */
export const sizeOf = (events: readonly EncodedEvent[]): number =>
  events.reduce((sum, { event, metadata }) => sum + event.data.length + metadata.length + event.type.length * 2, 0);

const optionsOf = ({ stream, expectedRevision }: Append): BatchAppendReq.Options => {
  const options = new Options();
  options.setStreamIdentifier(streamName(stream));
  if (expectedRevision < 0) options.setNoStream(new protobufEmpty.Empty());
  else options.setStreamPosition(String(expectedRevision));
  // No deadline: the protocol's is a time of day, so that two clocks would have to agree. Ours is kept here; the
  // server's own write timeout holds there.
  return options;
};

const messageOf = ({ event, metadata }: EncodedEvent): BatchAppendReq.ProposedMessage => {
  const message = new ProposedMessage();
  const id = new shared.UUID();
  id.setString(event.id);
  message.setId(id);
  message.getMetadataMap().set('type', event.type);
  message.getMetadataMap().set('content-type', 'application/octet-stream');
  message.setData(event.data);
  message.setCustomMetadata(metadata);
  return message;
};

/** The messages of one append: the options on the first, `isFinal` on the last, none too large for the wire. */
export function* requestsOf(
  append: Append,
  events: readonly EncodedEvent[],
  correlationId: string,
): Generator<BatchAppendReq> {
  const begin = (): BatchAppendReq => {
    const request = new streams.BatchAppendReq();
    const id = new shared.UUID();
    id.setString(correlationId);
    request.setCorrelationId(id);
    request.setIsFinal(false);
    return request;
  };
  let request = begin();
  request.setOptions(optionsOf(append));
  let size_bytes = 0;
  for (const encoded of events) {
    const more_bytes = sizeOf([encoded]) + EVENT_OVERHEAD_BYTES;
    if (size_bytes > 0 && size_bytes + more_bytes > MESSAGE_BYTES) {
      yield request;
      request = begin();
      size_bytes = 0;
    }
    request.addProposedMessages(messageOf(encoded));
    size_bytes += more_bytes;
  }
  request.setIsFinal(true);
  yield request;
}
