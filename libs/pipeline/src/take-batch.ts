import { type BehaviourLink, type BehaviourSum, factIdFrom, seenKey, Undecodable } from '@tributary/contracts';
import { type AnyTouchpoint, type BehaviourTally, labelOf, secondsOf, volumeClass } from '@tributary/domain';
import { type LogBatch, type SeenStore, type StoredRecord, type SubjectId } from '@tributary/kernel';
import { type StageContext } from './ports.js';

/** One touchpoint that counts: understood, and not seen before. */
export interface Taken {
  readonly touchpoint: AnyTouchpoint;
  /** By what it is known again (`seenKey`), and its event id made of it. */
  readonly key: string;
  readonly id: string;
  readonly record: StoredRecord;
}

/** What one subject did in a batch: facts in log order, and the rest summed. */
export interface SubjectShare {
  readonly facts: Taken[];
  behaviour: BehaviourSums | null;
}

/** What became of a batch's records. */
export interface TakenTally {
  readonly accepted: number;
  /** Offsets of those that were taken before, ascending. */
  readonly duplicates: readonly number[];
  /** Those that cannot be decoded, in log order. */
  readonly unreadable: readonly Unreadable[];
}

export interface Unreadable {
  readonly record: StoredRecord;
  readonly reason: string;
}

export interface TakenBatch extends TakenTally {
  readonly bySubject: ReadonlyMap<SubjectId, SubjectShare>;
  /** Facts that name nobody. */
  readonly anonymous: readonly Taken[];
}

export interface Reading {
  /** Keys that were taken just before, as far as the store of seen keys may not say so yet; those of this batch are added. */
  readonly here?: TakenKeys;
  /** Told of each key that was not seen before, and the place (`topic/partition/offset`) of its record. */
  readonly onSeen: (key: string, at: string) => void;
  /** Awaited now and then, since a large batch is seconds of work. What it throws ends the reading. */
  readonly pace?: Pace;
}

/** Keys of one unit, and of the one before it while that is on its way to be durable. */
export class TakenKeys {
  readonly #before: ReadonlySet<string>;
  readonly #own = new Set<string>();

  constructor(before?: TakenKeys) {
    this.#before = before ? before.#own : none;
  }

  has(key: string): boolean {
    return this.#own.has(key) || this.#before.has(key);
  }

  add(key: string): void {
    this.#own.add(key);
  }
}

const none: ReadonlySet<string> = new Set();

/** Lets the thread hear of other things; throws if the work is not wanted any more. */
export type Pace = () => Promise<void>;

/** What is decoded of so many records dies before the next are. Of behaviour only its sums live on. */
const SLICE_RECORDS = 2_000;

/**
 * Reads a log batch: decodes, drops what was seen before, groups by subject. A record that cannot be decoded goes to
 * quarantine; any other error is a bug of ours and stops the partition.
 */
export const takeBatch = async (
  batch: LogBatch,
  {
    catalogue,
    ports,
  }: Pick<StageContext, 'catalogue'> & { readonly ports: { readonly seen: Pick<SeenStore, 'firstSeen'> } },
  reading: Reading,
): Promise<TakenBatch> => {
  const into = new Taking(batch, reading);
  for (let from = 0; from < batch.records.length; from += SLICE_RECORDS) {
    const decoded = into.decode(batch.records.slice(from, from + SLICE_RECORDS), catalogue);
    into.take(decoded, await ports.seen.firstSeen(decoded.map(({ key }) => key)));
    await reading.pace?.();
  }
  const { bySubject, anonymous, duplicates, unreadable, accepted } = into;
  return { bySubject, anonymous, duplicates, unreadable, accepted };
};

class Taking {
  readonly bySubject = new Map<SubjectId, SubjectShare>();
  readonly anonymous: Taken[] = [];
  readonly duplicates: number[] = [];
  readonly unreadable: Unreadable[] = [];
  accepted = 0;
  readonly #prefix: string;
  readonly #here: TakenKeys;
  readonly #onSeen: Reading['onSeen'];

  constructor({ topic, partition }: LogBatch, { here = new TakenKeys(), onSeen }: Reading) {
    this.#prefix = `${topic}/${partition}/`;
    this.#here = here;
    this.#onSeen = onSeen;
  }

  decode(records: readonly StoredRecord[], catalogue: StageContext['catalogue']): Taken[] {
    const decoded: Taken[] = [];
    for (const record of records) {
      try {
        const touchpoint = catalogue.decode(record.value);
        const key = seenKey(touchpoint.channel, touchpoint.messageId);
        decoded.push({ touchpoint, key, id: factIdFrom(key), record });
      } catch (error) {
        if (!(error instanceof Undecodable)) throw error;
        this.unreadable.push({ record, reason: error.message });
      }
    }
    return decoded;
  }

  take(decoded: readonly Taken[], firstSeen: readonly (string | undefined)[]): void {
    for (let i = 0; i < decoded.length; i++) {
      const taken = decoded[i] as Taken;
      const { key, touchpoint, record } = taken;
      const at = `${this.#prefix}${record.offset}`;
      const before = firstSeen[i];
      if (this.#here.has(key) || (before !== undefined && before !== at)) {
        this.duplicates.push(record.offset);
        continue;
      }
      this.#here.add(key);
      this.#onSeen(key, at);
      this.accepted += 1;
      const behaviour = volumeClass[touchpoint.type] === 'behaviour';
      const subject = touchpoint.identifiers[0]?.subject;
      if (subject === undefined) {
        if (!behaviour) this.anonymous.push(taken);
        continue;
      }
      let share = this.bySubject.get(subject);
      if (!share) this.bySubject.set(subject, (share = { facts: [], behaviour: null }));
      if (behaviour) (share.behaviour ??= new BehaviourSums()).add(taken);
      else share.facts.push(taken);
    }
  }
}

/** Of one identifier a sum keeps so many namings, each earlier than those that were known before it: as many as may matter. */
const MOST_NAMINGS = 32;

/**
 * Sums behaviour touchpoints of one subject as they come, in log order, by type, channel, label and length; each instant is
 * kept. Sessions of one length share a tally, so that a moment that cuts a sum in two finds the seconds of each part exactly.
 */
export class BehaviourSums {
  readonly #tallies = new Map<
    string,
    Omit<BehaviourTally, 'times' | 'received'> & { entries: number[]; seconds: number }
  >();
  readonly #namings = new Map<SubjectId, BehaviourLink[]>();
  readonly #messages: string[] = [];
  #firstOffset = -1;
  #lastOffset = -1;
  /** When the platform took the last of them. */
  receivedAt = 0;

  add({ touchpoint, id, key, record }: Taken): void {
    const { type, channel, occurredAt: at, receivedAt: known } = touchpoint;
    const label = labelOf(touchpoint);
    const seconds = secondsOf(touchpoint);
    const name = `${type}|${channel}|${seconds}|${label}`;
    let tally = this.#tallies.get(name);
    if (!tally) this.#tallies.set(name, (tally = { type, channel, label, entries: [], seconds: 0 }));
    tally.entries.push(at, known);
    tally.seconds += seconds;
    for (const { subject, type: identifierType, value } of touchpoint.identifiers)
      this.#name({ type: identifierType, value, subject, at, id, known });
    this.#messages.push(key);
    if (this.#firstOffset < 0) this.#firstOffset = record.offset;
    this.#lastOffset = record.offset;
    this.receivedAt = known;
  }

  /** What came in later may name an identifier earlier: as known before, the first that was known holds. */
  #name(naming: BehaviourLink): void {
    const namings = this.#namings.get(naming.subject);
    const earliest = namings?.[namings.length - 1];
    if (!namings || !earliest) this.#namings.set(naming.subject, [naming]);
    else if (naming.at < earliest.at || (naming.at === earliest.at && naming.id < earliest.id)) {
      if (naming.known <= earliest.known || namings.length >= MOST_NAMINGS) namings.pop();
      namings.push(naming);
    }
  }

  /** Who was named, the earliest of the namings of each last. */
  get links(): readonly BehaviourLink[] {
    return [...this.#namings.values()].flat();
  }

  sum(): BehaviourSum {
    return {
      tallies: [...this.#tallies.values()].map(({ entries, ...tally }) => ({ ...tally, ...inOrder(entries) })),
      links: this.links,
      messages: this.#messages,
      firstOffset: this.#firstOffset,
      lastOffset: this.#lastOffset,
    };
  }
}

/** `entries`: when each occurred, and when it was received, one after the other. */
const inOrder = (entries: readonly number[]): Pick<BehaviourTally, 'times' | 'received'> => {
  const pairs: [number, number][] = [];
  for (let i = 0; i < entries.length; i += 2) pairs.push([entries[i] as number, entries[i + 1] as number]);
  if (pairs.length > 1) pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  return { times: pairs.map(([at]) => at), received: pairs.map(([, known]) => known) };
};
