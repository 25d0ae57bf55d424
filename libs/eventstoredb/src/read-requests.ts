import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';

const { Options } = streams.ReadReq;
const [FORWARDS, BACKWARDS] = [0, 1] as const;
/** Events that the server looks at in one go before it says how far it is; its default of 32 makes many small reads. */
const WINDOW = 4096;

export const streamName = (name: string): InstanceType<typeof shared.StreamIdentifier> => {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(new TextEncoder().encode(name));
  return identifier;
};

const request = (build: (options: ReadReq.Options) => void): ReadReq => {
  const options = new Options();
  const uuids = new Options.UUIDOption();
  uuids.setString(new shared.Empty());
  options.setUuidOption(uuids);
  options.setResolveLinks(false);
  options.setNoFilter(new shared.Empty());
  build(options);
  const made = new streams.ReadReq();
  made.setOptions(options);
  return made;
};

export const streamForwards = (stream: string, fromRevision: number, maxEvents: number): ReadReq =>
  request((options) => {
    const of = new Options.StreamOptions();
    of.setStreamIdentifier(streamName(stream));
    of.setRevision(String(fromRevision));
    options.setStream(of);
    options.setReadDirection(FORWARDS);
    options.setCount(String(maxEvents));
  });

export const streamEnd = (stream: string): ReadReq =>
  request((options) => {
    const of = new Options.StreamOptions();
    of.setStreamIdentifier(streamName(stream));
    of.setEnd(new shared.Empty());
    options.setStream(of);
    options.setReadDirection(BACKWARDS);
    options.setCount('1');
  });

/** -1 is the beginning. The server begins at the position itself when reading, after it when subscribing. */
const from = (position: number): ReadReq.Options.AllOptions => {
  const all = new Options.AllOptions();
  if (position < 0) {
    all.setStart(new shared.Empty());
    return all;
  }
  const at = new Options.Position();
  at.setCommitPosition(String(position));
  at.setPreparePosition(String(position));
  all.setPosition(at);
  return all;
};

/**
 * A regular expression, not the prefix that the protocol also has: the server compares that by the rules of a language,
 * which pass over some characters. Without a prefix: all but system streams.
 */
const ofStreams = (prefix: string): ReadReq.Options.FilterOptions => {
  const expression = new Options.FilterOptions.Expression();
  expression.setRegex(prefix === '' ? '^[^$]' : `^${prefix.replace(/[\\^$.*+?()[\]{}|#\s]/g, '\\$&')}`);
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(expression);
  filter.setMax(WINDOW);
  filter.setCheckpointintervalmultiplier(1);
  return filter;
};

export const allForwards = (position: number, maxEvents: number, prefix: string): ReadReq =>
  request((options) => {
    options.setAll(from(position));
    options.setReadDirection(FORWARDS);
    options.setCount(String(maxEvents));
    options.setFilter(ofStreams(prefix));
  });

/** The event at a position, or the first after it, whosever it is. */
export const anyAt = (position: number): ReadReq =>
  request((options) => {
    options.setAll(from(position));
    options.setReadDirection(FORWARDS);
    options.setCount('1');
  });

/** The very newest event, whosever it is: on a server that archives the only end of its log that is surely at hand. */
export const newestOfAll = (): ReadReq =>
  request((options) => {
    const all = new Options.AllOptions();
    all.setEnd(new shared.Empty());
    options.setAll(all);
    options.setReadDirection(BACKWARDS);
    options.setCount('1');
  });

/** The newest event before a position; before the end if there is none. */
export const allBackwards = (before?: number): ReadReq =>
  request((options) => {
    const all = before === undefined ? new Options.AllOptions() : from(before);
    if (before === undefined) all.setEnd(new shared.Empty());
    options.setAll(all);
    options.setReadDirection(BACKWARDS);
    options.setCount('1');
    options.setFilter(ofStreams(''));
  });

export const subscription = (after: number, prefix: string): ReadReq =>
  request((options) => {
    options.setAll(from(after));
    options.setReadDirection(FORWARDS);
    options.setSubscription(new Options.SubscriptionOptions());
    options.setFilter(ofStreams(prefix));
  });
