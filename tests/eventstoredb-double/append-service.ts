import { status, type ServerDuplexStream, type ServerReadableStream, type sendUnaryData } from '@grpc/grpc-js';
import protobufEmpty from 'google-protobuf/google/protobuf/empty_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import {
  type AppendReq,
  type AppendResp,
  type BatchAppendReq,
  type BatchAppendResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { type Faults } from './faults.js';
import { type Expected, type Ledger, type ProposedEvent, type Written } from './ledger.js';
import * as wire from './wire.js';

export const MAX_APPEND_BYTES = 1024 * 1024;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

type Proposed = BatchAppendReq.ProposedMessage | AppendReq.ProposedMessage;

const proposed = (message: Proposed): ProposedEvent => {
  const metadata = message.getMetadataMap();
  const [id, type, contentType] = [message.getId()!.getString(), metadata.get('type'), metadata.get('content-type')];
  if (!UUID.test(id)) throw new Error('the id is not a UUID');
  if (type === undefined || contentType === undefined) throw new Error('type and content-type are required');
  return {
    id: id.toLowerCase(),
    type,
    isJson: contentType === 'application/json',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
};

const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, { type, data, metadata }) => sum + type.length * 2 + data.length + metadata.length, 0);

interface Pending {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: ProposedEvent[];
}

const expectedOf = (options: BatchAppendReq.Options): Expected => {
  if (options.hasStreamPosition()) return { revision: Number(options.getStreamPosition()) };
  if (options.hasNoStream()) return { type: 'no_stream' };
  if (options.hasStreamExists()) return { type: 'stream_exists' };
  if (options.hasAny()) return { type: 'any' };
  throw new Error('no expected stream position');
};

const batchAnswer = (correlationId: string, stream: string): BatchAppendResp => {
  const answer = new streams.BatchAppendResp();
  const id = new shared.UUID();
  id.setString(correlationId);
  answer.setCorrelationId(id);
  answer.setStreamIdentifier(wire.identifierOf(stream));
  return answer;
};

/** As the server names an append whose last message did not come in time: not as it was asked. */
const inNumbers = (correlationId: string): InstanceType<typeof shared.UUID> => {
  const hex = correlationId.replaceAll('-', '');
  const [high, low] = [hex.slice(0, 16), hex.slice(16)].map((half) => String(BigInt.asIntN(64, BigInt(`0x${half}`))));
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(high!);
  structured.setLeastSignificantBits(low!);
  const id = new shared.UUID();
  id.setStructured(structured);
  return id;
};

const success = (lastRevision: number, position: number): BatchAppendResp.Success => {
  const made = new streams.BatchAppendResp.Success();
  if (lastRevision < 0) made.setNoStream(new protobufEmpty.Empty());
  else made.setCurrentRevision(String(lastRevision));
  const at = new shared.AllStreamPosition();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  made.setPosition(at);
  return made;
};

export const appendService = (ledger: Ledger, faults: Faults) => {
  const written = (answer: BatchAppendResp, result: Written, { stream, expected }: Pending): void => {
    if (result.type === 'success') answer.setSuccess(success(result.lastRevision, result.position));
    else if (result.type === 'stream_deleted') answer.setError(wire.deletedStatus(stream));
    else answer.setError(wire.wrongExpectedVersion(result.current, expected));
  };

  const batchAppend = (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const pending = new Map<string, Pending>();
    const reply = (answer: BatchAppendResp): void => {
      if (!call.cancelled && !call.destroyed) call.write(answer);
    };
    const commit = async (correlationId: string, append: Pending): Promise<void> => {
      const answer = batchAnswer(correlationId, append.stream);
      await faults.pause();
      if (faults.take('notLeader')) return void call.emit('error', wire.notLeader(faults.port()));
      if (faults.take('abandoned')) return void call.emit('error', wire.abandoned());
      if (faults.take('cutOff')) answer.setError(wire.unhandledStatus('Server Is Not Ready'));
      else if (faults.take('busy')) answer.setError(wire.unhandledStatus('Server Is Busy'));
      else if (faults.take('timeout')) answer.setError(wire.timeoutStatus());
      else {
        if (faults.take('cutBeforeCommit')) return faults.cut();
        written(answer, ledger.append(append.stream, append.expected, append.events), append);
        if (faults.take('silentAfterCommit')) return;
        if (faults.take('cutAfterCommit')) return faults.cut();
      }
      reply(answer);
    };
    const take = (request: BatchAppendReq): void => {
      const correlationId = request.getCorrelationId()!.getString();
      const options = request.getOptions();
      if (options) {
        const stream = wire.nameOf(options.getStreamIdentifier());
        if (options.hasDeadline() && options.getDeadline()!.toDate().getTime() <= Date.now()) {
          const late = batchAnswer(correlationId, stream);
          late.setError(wire.timeoutStatus());
          return reply(late);
        }
        pending.set(correlationId, { stream, expected: expectedOf(options), events: [] });
      }
      const append = pending.get(correlationId);
      if (!append) return;
      append.events.push(...request.getProposedMessagesList().map(proposed));
      if (sizeOf(append.events) > MAX_APPEND_BYTES) {
        pending.delete(correlationId);
        const refused = batchAnswer(correlationId, append.stream);
        refused.setError(wire.tooLargeStatus(MAX_APPEND_BYTES));
        return reply(refused);
      }
      if (!request.getIsFinal()) {
        if (!faults.take('timeoutOfParts')) return;
        pending.delete(correlationId);
        const late = batchAnswer(correlationId, append.stream);
        late.setCorrelationId(inNumbers(correlationId));
        late.setError(wire.timeoutStatus());
        return reply(late);
      }
      pending.delete(correlationId);
      void commit(correlationId, append);
    };
    call.on('data', (request: BatchAppendReq) => {
      try {
        take(request);
      } catch (error) {
        const answer = batchAnswer(request.getCorrelationId()!.getString(), '');
        answer.setError(wire.badRequestStatus((error as Error).message));
        reply(answer);
      }
    });
    call.on('end', () => call.end());
    call.on('error', () => undefined);
  };

  /** One append a call: what clients use for a stream's metadata with credentials of its own. */
  const append = (call: ServerReadableStream<AppendReq, AppendResp>, done: sendUnaryData<AppendResp>): void => {
    let options: AppendReq.Options | undefined;
    const events: ProposedEvent[] = [];
    call.on('data', (request: AppendReq) => {
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message) events.push(proposed(message));
    });
    call.on('end', () => {
      const expected: Expected = options!.hasRevision()
        ? { revision: Number(options!.getRevision()) }
        : { type: options!.hasNoStream() ? 'no_stream' : options!.hasStreamExists() ? 'stream_exists' : 'any' };
      const stream = wire.nameOf(options!.getStreamIdentifier());
      const result = ledger.append(stream, expected, events);
      if (result.type === 'stream_deleted') return done(wire.streamDeleted(stream));
      if (result.type !== 'success') return done(wire.refusal(status.FAILED_PRECONDITION, 'WrongExpectedVersion'));
      const made = new streams.AppendResp.Success();
      made.setCurrentRevision(String(result.lastRevision));
      const answer = new streams.AppendResp();
      answer.setSuccess(made);
      done(null, answer);
    });
    call.on('error', () => undefined);
  };

  return { append, batchAppend };
};
