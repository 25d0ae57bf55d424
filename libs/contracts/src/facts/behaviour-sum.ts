import { type BehaviourTally, type TouchpointType } from '@tributary/domain';
import { type Instant, type SubjectId } from '@tributary/kernel';
import { type Catalogue, openCatalogue } from '../catalogue/catalogue.js';

/**
 * An identifier that summed touchpoints named, at its earliest by (`at`, `id`); and once more as it was named until then, where
 * that came to be known later.
 */
export interface BehaviourLink {
  readonly type: string;
  /** Normalised. */
  readonly value: string;
  readonly subject: SubjectId;
  /** `occurredAt` of the touchpoint. */
  readonly at: Instant;
  /** The touchpoint's fact id. */
  readonly id: string;
  /** `receivedAt` of the touchpoint: when the platform knew. */
  readonly known: Instant;
}

/** One fact for all behaviour of one subject in one batch. */
export interface BehaviourSum {
  readonly tallies: readonly BehaviourTally[];
  readonly links: readonly BehaviourLink[];
  /** Seen keys of the touchpoints it sums, from which the memory of message ids is rebuilt. */
  readonly messages: readonly string[];
  readonly firstOffset: number;
  readonly lastOffset: number;
}

/** Event type of such a fact. */
export const behaviourSummed = 'BehaviourSummed';
const subject = 'tributary.subject.BehaviourSummed';

interface TallyOnWire extends Omit<BehaviourTally, 'times' | 'received'> {
  readonly times: readonly number[];
  readonly received: readonly number[];
}
interface SumOnWire extends Omit<BehaviourSum, 'tallies' | 'messages'> {
  readonly tallies: readonly TallyOnWire[];
  readonly messages: Buffer;
}

let opened: Catalogue | undefined;
/** Sums are the platform's own: always by the schemas that it ships. */
const catalogue = (): Catalogue => (opened ??= openCatalogue());

/** In the wire format, not sealed yet. Throws TypeError for what is no sum. */
export const encodeBehaviourSum = (sum: BehaviourSum): Uint8Array => {
  const onWire: SumOnWire = {
    tallies: sum.tallies.map((tally) => ({ ...tally, times: steps(tally.times), received: steps(tally.received) })),
    links: sum.links,
    messages: packed(sum.messages),
    firstOffset: sum.firstOffset,
    lastOffset: sum.lastOffset,
  };
  return catalogue().encodeRecord(subject, onWire);
};

/** Throws `Undecodable`. */
export const decodeBehaviourSum = (bytes: Uint8Array): BehaviourSum => {
  const { tallies, links, messages, firstOffset, lastOffset } = catalogue().decodeRecord(subject, bytes) as SumOnWire;
  return {
    tallies: tallies.map(({ type, channel, label, times, received, seconds }) => ({
      type: type as TouchpointType,
      channel,
      label,
      times: sums(times),
      received: sums(received),
      seconds,
    })),
    links,
    messages: unpacked(messages),
    firstOffset,
    lastOffset,
  };
};

/** Steps from one instant to the next take two or three bytes where instants take six. */
const steps = (instants: readonly Instant[]): readonly number[] => {
  let previous = 0;
  return instants.map((instant) => {
    const step = instant - previous;
    previous = instant;
    return step;
  });
};

const sums = (increments: readonly number[]): readonly Instant[] => {
  let instant = 0;
  return increments.map((step) => (instant += step));
};

const key_bytes = 16;

const packed = (keys: readonly string[]): Buffer => {
  const bytes = Buffer.alloc(keys.length * key_bytes);
  keys.forEach((key, i) => {
    if (key.length !== 2 * key_bytes || bytes.write(key, i * key_bytes, 'hex') !== key_bytes)
      throw new TypeError('messages holds what is no seen key');
  });
  return bytes;
};

const unpacked = (bytes: Buffer): readonly string[] => {
  const hex = bytes.toString('hex');
  const read: string[] = [];
  for (let at = 0; at < hex.length; at += 2 * key_bytes) read.push(hex.slice(at, at + 2 * key_bytes));
  return read;
};
