import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import protobufAny from 'google-protobuf/google/protobuf/any_pb.js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type Expected, type LogRecord } from './ledger.js';

/** A refusal as the server phrases it: a code, a sentence, and trailers that the clients go by. */
export const refusal = (
  code: status,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): Partial<ServiceError> => {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value);
  return { code, details, metadata };
};

export const streamDeleted = (stream: string): Partial<ServiceError> =>
  refusal(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });

export const notLeader = (port: number): Partial<ServiceError> =>
  refusal(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': 'localhost',
    'leader-endpoint-port': String(port),
  });

/** `RpcExceptions.ServerNotReady`: of a read; an append is told so in its answer. */
export const notReady = (): Partial<ServiceError> => refusal(status.UNAVAILABLE, 'Server Is Not Ready');

/** `Enumerators.AllSubscriptionFiltered.ConsumerTooSlow`, by way of `RpcExceptions.Timeout`. */
export const tooSlow = (): Partial<ServiceError> =>
  refusal(
    status.ABORTED,
    'Operation timed out: Consumer too slow to handle event while live. Client resubscription required.',
  );

/** What ASP.NET makes of any exception that is not a gRPC status, the cancelling of an open call among them. */
export const abandoned = (): Partial<ServiceError> => refusal(status.UNKNOWN, 'Exception was thrown by handler.');

export const nameOf = (identifier: InstanceType<typeof shared.StreamIdentifier> | undefined): string =>
  new TextDecoder().decode(identifier!.getStreamName_asU8());

export const identifierOf = (stream: string): InstanceType<typeof shared.StreamIdentifier> => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(new TextEncoder().encode(stream));
  return identifier;
};

const TICKS_PER_MS = 10_000n;

export const eventAnswer = (record: LogRecord): ReadResp => {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent();
  const id = new shared.UUID();
  id.setString(record.id);
  recorded.setId(id);
  recorded.setStreamIdentifier(identifierOf(record.stream));
  recorded.setStreamRevision(String(record.revision));
  recorded.setCommitPosition(String(record.position));
  recorded.setPreparePosition(String(record.position));
  const metadata = recorded.getMetadataMap();
  metadata.set('type', record.type);
  metadata.set('created', String(BigInt(record.created_ms) * TICKS_PER_MS));
  metadata.set('content-type', record.isJson ? 'application/json' : 'application/octet-stream');
  recorded.setData(record.data);
  recorded.setCustomMetadata(record.metadata);
  const event = new streams.ReadResp.ReadEvent();
  event.setEvent(recorded);
  event.setCommitPosition(String(record.position));
  const answer = new streams.ReadResp();
  answer.setEvent(event);
  return answer;
};

const statusOf = (code: number, message: string, type: string, detail: { serializeBinary(): Uint8Array }) => {
  const packed = new protobufAny.Any();
  packed.pack(detail.serializeBinary(), type);
  const made = new statuses.Status();
  made.setCode(code);
  made.setMessage(message);
  made.setDetails(packed);
  return made;
};

const ours = (name: string): string => `event_store.client.${name}`;

export const wrongExpectedVersion = (current: number, expected: Expected) => {
  const wrong = new shared.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new protobufEmpty.Empty());
  else wrong.setCurrentStreamRevision(String(current));
  if ('revision' in expected) wrong.setExpectedStreamPosition(String(expected.revision));
  else if (expected.type === 'no_stream') wrong.setExpectedNoStream(new protobufEmpty.Empty());
  else if (expected.type === 'any') wrong.setExpectedAny(new protobufEmpty.Empty());
  else wrong.setExpectedStreamExists(new protobufEmpty.Empty());
  return statusOf(status.ALREADY_EXISTS, 'WrongExpectedVersion', ours('WrongExpectedVersion'), wrong);
};

export const deletedStatus = (stream: string) => {
  const deleted = new shared.StreamDeleted();
  deleted.setStreamIdentifier(identifierOf(stream));
  return statusOf(status.NOT_FOUND, 'StreamDeleted', ours('StreamDeleted'), deleted);
};

export const timeoutStatus = () => statusOf(status.DEADLINE_EXCEEDED, 'Timeout', ours('Timeout'), new shared.Timeout());

export const tooLargeStatus = (max_bytes: number) => {
  const exceeded = new shared.MaximumAppendSizeExceeded();
  exceeded.setMaxappendsize(max_bytes);
  const name = ours('MaximumAppendSizeExceeded');
  return statusOf(status.INVALID_ARGUMENT, 'MaximumAppendSizeExceeded', name, exceeded);
};

export const badRequestStatus = (message: string) => {
  const bad = new shared.BadRequest();
  bad.setMessage(message);
  return statusOf(status.INVALID_ARGUMENT, 'BadRequest', ours('BadRequest'), bad);
};

/** Not handled: the server is busy or not ready. The code stays 0, as there. */
export const unhandledStatus = (message: string) =>
  statusOf(0, message, 'google.protobuf.Empty', new protobufEmpty.Empty());
