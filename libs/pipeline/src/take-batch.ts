import { type BehaviourLink, type BehaviourSum, factIdFrom, seenKey, Undecodable } from '@tributary/contracts';
import { type AnyTouchpoint, labelOf, secondsOf, volumeClass } from '@tributary/domain';
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
  readonly behaviours: Taken[];
}

export interface TakenBatch {
  readonly bySubject: ReadonlyMap<SubjectId, SubjectShare>;
  /** Facts that name nobody. */
  readonly anonymous: readonly Taken[];
  readonly accepted: number;
  readonly duplicates: readonly number[];
  readonly unreadable: readonly { readonly record: StoredRecord; readonly reason: string }[];
  readonly seen: readonly { readonly key: string; readonly at: string }[];
}

/**
 * Reads a log batch: decodes, drops what was seen before, groups by subject. A record that cannot be decoded goes to
 * quarantine; any other error is a bug of ours and stops the partition. `here`: what batches that are committed together
 * with this one have taken so far.
 */
export const takeBatch = async (
  batch: LogBatch,
  {
    catalogue,
    ports,
  }: Pick<StageContext, 'catalogue'> & { readonly ports: { readonly seen: Pick<SeenStore, 'firstSeen'> } },
  here: Set<string> = new Set(),
): Promise<TakenBatch> => {
  const decoded: Taken[] = [];
  const unreadable: { record: StoredRecord; reason: string }[] = [];
  for (const record of batch.records) {
    try {
      const touchpoint = catalogue.decode(record.value);
      const key = seenKey(touchpoint.channel, touchpoint.messageId);
      decoded.push({ touchpoint, key, id: factIdFrom(key), record });
    } catch (error) {
      if (!(error instanceof Undecodable)) throw error;
      unreadable.push({ record, reason: error.message });
    }
  }

  const firstSeen = await ports.seen.firstSeen(decoded.map(({ key }) => key));
  const seen: { key: string; at: string }[] = [];
  const duplicates: number[] = [];
  const bySubject = new Map<SubjectId, SubjectShare>();
  const anonymous: Taken[] = [];
  for (let i = 0; i < decoded.length; i++) {
    const taken = decoded[i] as Taken;
    const { key } = taken;
    const at = `${batch.topic}/${batch.partition}/${taken.record.offset}`;
    const before = firstSeen[i];
    if (here.has(key) || (before !== undefined && before !== at)) {
      duplicates.push(taken.record.offset);
      continue;
    }
    here.add(key);
    seen.push({ key, at });
    const behaviour = volumeClass[taken.touchpoint.type] === 'behaviour';
    const subject = taken.touchpoint.identifiers[0]?.subject;
    if (subject === undefined) {
      if (!behaviour) anonymous.push(taken);
      continue;
    }
    let share = bySubject.get(subject);
    if (!share) bySubject.set(subject, (share = { facts: [], behaviours: [] }));
    (behaviour ? share.behaviours : share.facts).push(taken);
  }
  return { bySubject, anonymous, accepted: seen.length, duplicates, unreadable, seen };
};

/** Sums behaviour touchpoints, in log order, by type, channel and label; each instant is kept. */
export const sumBehaviours = (behaviours: readonly [Taken, ...Taken[]]): BehaviourSum => {
  const tallies = new Map<
    string,
    { type: AnyTouchpoint['type']; channel: string; label: string; entries: [number, number][]; seconds: number }
  >();
  const links = new Map<SubjectId, BehaviourLink>();
  for (const { touchpoint, id } of behaviours) {
    const { type, channel, occurredAt: at, receivedAt: known } = touchpoint;
    const label = labelOf(touchpoint);
    const key = `${type}|${channel}|${label}`;
    let tally = tallies.get(key);
    if (!tally) tallies.set(key, (tally = { type, channel, label, entries: [], seconds: 0 }));
    tally.entries.push([at, known]);
    tally.seconds += secondsOf(touchpoint);
    for (const { subject, type: identifierType, value } of touchpoint.identifiers) {
      const before = links.get(subject);
      if (!before || at < before.at || (at === before.at && id < before.id))
        links.set(subject, { type: identifierType, value, subject, at, id, known });
    }
  }
  return {
    tallies: [...tallies.values()].map(({ entries, ...tally }) => {
      entries.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
      return { ...tally, times: entries.map(([at]) => at), received: entries.map(([, known]) => known) };
    }),
    links: [...links.values()],
    messages: behaviours.map(({ key }) => key),
    firstOffset: behaviours[0].record.offset,
    lastOffset: (behaviours[behaviours.length - 1] as Taken).record.offset,
  };
};
