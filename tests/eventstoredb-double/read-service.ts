import { setImmediate as turn } from 'node:timers/promises';
import { status, type ServerWritableStream, type ServiceError } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ReadReq, type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { type Faults } from './faults.js';
import { type Ledger, type LogRecord } from './ledger.js';
import * as wire from './wire.js';

type Call = ServerWritableStream<ReadReq, ReadResp>;
type Options = ReadReq.Options;

const BACKWARDS = 1;
const DEFAULT_WINDOW = 32;
const LARGEST = String(2n ** 64n - 1n);

class Refused extends Error {
  constructor(readonly refusal: Partial<ServiceError>) {
    super(refusal.details);
  }
}

const invalid = (details: string): Refused => new Refused(wire.refusal(status.INVALID_ARGUMENT, details));

/** Sends, and waits while the client does not read. False once it is gone. */
const send = async (call: Call, answer: ReadResp): Promise<boolean> => {
  if (call.cancelled || call.destroyed) return false;
  if (call.write(answer)) return true;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      for (const event of ['drain', 'cancelled', 'close']) call.off(event, go);
      resolve();
    };
    for (const event of ['drain', 'cancelled', 'close']) call.on(event, go);
  });
  return !call.cancelled;
};

const filterOf = (options: Options): ((record: LogRecord) => boolean) => {
  if (options.hasNoFilter()) return () => true;
  const filter = options.getFilter();
  if (!filter) throw invalid('neither a filter nor none');
  const expression = filter.getStreamIdentifier() ?? filter.getEventType()!;
  const valueOf = ({ stream, type }: LogRecord): string => (filter.hasStreamIdentifier() ? stream : type);
  const regex = expression.getRegex();
  if (regex !== '') {
    const compiled = new RegExp(regex);
    return (record) => compiled.test(valueOf(record));
  }
  return (record) => expression.getPrefixList().some((prefix) => valueOf(record).startsWith(prefix));
};

export const readService = (ledger: Ledger, faults: Faults) => {
  const ofStream = async (call: Call, options: Options): Promise<void> => {
    const of = options.getStream()!;
    const stream = wire.nameOf(of.getStreamIdentifier());
    const { records, tombstoned, lastRevision } = ledger.state(stream);
    if (tombstoned) throw new Refused(wire.streamDeleted(stream));
    if (lastRevision < 0 || ledger.isSoftDeleted(stream)) {
      const missing = new streams.ReadResp.StreamNotFound();
      missing.setStreamIdentifier(of.getStreamIdentifier());
      const answer = new streams.ReadResp();
      answer.setStreamNotFound(missing);
      await send(call, answer);
      return;
    }
    const first = ledger.firstRevision(stream);
    const left = records.filter(({ revision }) => Number(revision) >= first);
    const at = of.hasRevision() ? Number(of.getRevision()) : of.hasStart() ? 0 : Number.MAX_SAFE_INTEGER;
    const found =
      options.getReadDirection() === BACKWARDS
        ? left.filter(({ revision }) => Number(revision) <= at).reverse()
        : left.filter(({ revision }) => Number(revision) >= at);
    for (const record of found.slice(0, Number(options.getCount())))
      if (!(await send(call, wire.eventAnswer(record)))) return;
  };

  const positionOf = (options: Options): number => {
    const all = options.getAll()!;
    if (all.hasStart()) return 0;
    if (all.hasEnd()) return ledger.end;
    const [commit, prepare] = [all.getPosition()!.getCommitPosition(), all.getPosition()!.getPreparePosition()];
    if (!ledger.isBoundary(Number(commit)) || BigInt(prepare) > BigInt(commit))
      throw new Refused(wire.refusal(status.INVALID_ARGUMENT, 'Trying to read from an invalid position.'));
    return Number(commit);
  };

  const ofAll = async (call: Call, options: Options): Promise<void> => {
    const allowed = filterOf(options);
    const from = ledger.indexFrom(positionOf(options));
    const backwards = options.getReadDirection() === BACKWARDS;
    let left = Number(options.getCount());
    for (let i = backwards ? from - 1 : from; i >= 0 && i < ledger.records.length; i += backwards ? -1 : 1) {
      const record = ledger.records[i]!;
      if (!allowed(record)) continue;
      // As there: that all has been sent is noticed at one more, however far that is.
      if (left === 0) return;
      left -= 1;
      if (!(await send(call, wire.eventAnswer(record)))) return;
      if (left === 0 && !options.hasNoFilter() && faults.take('searchesOn'))
        return new Promise((resolve) => call.once('cancelled', () => resolve()));
    }
  };

  /** As servers before 24.2 begin: by dropping the first event at or after the position. */
  const subscribed = async (call: Call, options: Options): Promise<void> => {
    const filter = options.getFilter();
    const window = filter?.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
    const interval = window * (filter?.getCheckpointintervalmultiplier() ?? 1);
    if (filter && interval === 0) throw invalid('checkpoint interval 0');
    const allowed = filterOf(options);
    const start = positionOf(options);
    let at = options.getAll()!.hasStart() ? 0 : (ledger.records[ledger.indexFrom(start)]?.position ?? start - 1) + 1;
    const confirmation = new streams.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(crypto.randomUUID());
    const confirmed = new streams.ReadResp();
    confirmed.setConfirmation(confirmation);
    if (!(await send(call, confirmed))) return;
    let wake: () => void = () => undefined;
    const unlisten = ledger.onAppend(() => wake());
    call.once('cancelled', () => wake());
    const next = (): number => ledger.records[ledger.indexFrom(at)]?.position ?? ledger.end;
    // What is said of how far it is: where the page began that was considered last.
    let pageStart = next();
    let considered = 0;
    let live = false;
    try {
      while (!call.cancelled && !call.destroyed) {
        const record = ledger.records[ledger.indexFrom(at)];
        if (!record) {
          if (!live) {
            live = true;
            if (filter && !(await send(call, checkpointOfCatchUp(pageStart)))) return;
            const caughtUp = new streams.ReadResp();
            caughtUp.setCaughtUp(new streams.ReadResp.CaughtUp());
            if (!(await send(call, caughtUp))) return;
          }
          const waiting = new Promise<void>((resolve) => (wake = resolve));
          if (ledger.records[ledger.indexFrom(at)] === undefined) await waiting;
          await turn();
          continue;
        }
        if (live && allowed(record) && faults.take('tooSlow')) throw new Refused(wire.tooSlow());
        at = record.position + 1;
        if (allowed(record)) {
          const place = String(record.position);
          if (faults.take('checkpointAhead') && !(await send(call, checkpoint(place, place)))) return;
          if (!(await send(call, wire.eventAnswer(record)))) return;
        }
        if (filter && ++considered % interval === 0) {
          if (!(await send(call, checkpoint(String(pageStart))))) return;
          pageStart = next();
        }
      }
    } finally {
      unlisten();
    }
  };

  const checkpointOfCatchUp = (pageStart: number): ReadResp => {
    if (faults.take('checkpointNowhere')) return checkpoint(LARGEST, LARGEST);
    return checkpoint(String(faults.take('checkpointAtEnd') ? ledger.end : pageStart));
  };

  const checkpoint = (commit: string, prepare = '0'): ReadResp => {
    const made = new streams.ReadResp.Checkpoint();
    made.setCommitPosition(commit);
    made.setPreparePosition(prepare);
    const answer = new streams.ReadResp();
    answer.setCheckpoint(made);
    return answer;
  };

  return (call: Call): void => {
    const options = call.request.getOptions()!;
    const read = async (): Promise<void> => {
      await faults.pause();
      if (faults.take('notLeader')) throw new Refused(wire.notLeader(faults.port()));
      if (faults.take('cutOff')) throw new Refused(wire.notReady());
      if (faults.take('usersAway')) throw new Refused(wire.refusal(status.UNKNOWN, 'Internal server error'));
      if (faults.take('abandoned')) throw new Refused(wire.abandoned());
      if (!options.hasUuidOption()) throw invalid('no uuid option');
      if (options.hasSubscription()) return subscribed(call, options);
      if (!options.hasCount()) throw invalid('neither a count nor a subscription');
      return options.hasStream() ? ofStream(call, options) : ofAll(call, options);
    };
    call.on('error', () => undefined);
    read().then(
      () => call.end(),
      (error: unknown) => {
        if (!(error instanceof Refused)) throw error;
        call.emit('error', error.refusal);
      },
    );
  };
};
