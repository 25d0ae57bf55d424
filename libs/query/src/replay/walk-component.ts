import { type DocumentStore, type Instant, type SubjectId } from '@tributary/kernel';
import {
  COMPONENT_BOUND,
  type IdentityRules,
  type Link,
  neighboursOf,
  readSubjects,
  recordConnects,
  type SubjectRecord,
} from '@tributary/domain';
import { type Moment } from '../moment.js';

const DOCUMENTS_AT_ONCE = 1_000;

export interface WalkedComponent {
  readonly subjects: readonly SubjectId[];
  /**
   * Those among them beyond which nothing was followed, for they certainly joined strangers at the moment; and as what and
   * when any of those had named them first by then.
   */
  readonly shared: ReadonlyMap<SubjectId, Sighting>;
  /** False: there is more than `COMPONENT_BOUND`, and the rest was not looked at. */
  readonly complete: boolean;
}

export interface Sighting {
  readonly type: string;
  readonly first: Instant;
}

/**
 * Every subject that was ever tied to `start`, however indirectly: breadth first over the links in subject documents.
 * It may answer more than belonged together at the moment, never less: a link's earliest naming decides what is
 * followed, and an identifier is a dead end only if by then, and as known by then, it joined strangers already.
 */
export const walkComponent = async (
  documents: DocumentStore,
  start: SubjectId,
  rules: IdentityRules,
  moment: Moment,
): Promise<WalkedComponent> => {
  const wasKnown = ({ at, known }: Link): boolean => at <= moment.asOf && known <= moment.knownAt;
  const seen = new Set<SubjectId>([start]);
  const found: SubjectId[] = [];
  const shared = new Map<SubjectId, Sighting>();
  let level: SubjectId[] = [start];
  while (level.length > 0) {
    const next: SubjectId[] = [];
    for (const record of await readBounded(documents, level)) {
      found.push(record.id);
      const isOpen = recordConnects(record, rules, wasKnown);
      if (!isOpen) shared.set(record.id, { type: record.type, first: firstNaming(record, wasKnown) });
      for (const other of neighboursOf(record, isOpen)) {
        if (seen.has(other)) continue;
        seen.add(other);
        next.push(other);
      }
    }
    if (seen.size > COMPONENT_BOUND) return { subjects: found, shared, complete: false };
    level = next;
  }
  return { subjects: found, shared, complete: true };
};

const firstNaming = ({ links }: SubjectRecord, wasKnown: (link: Link) => boolean): Instant =>
  links.reduce((first, [, link]) => (wasKnown(link) ? Math.min(first, link.at) : first), Number.MAX_SAFE_INTEGER);

const readBounded = async (documents: DocumentStore, ids: readonly SubjectId[]): Promise<SubjectRecord[]> => {
  const records: SubjectRecord[] = [];
  for (let from = 0; from < ids.length; from += DOCUMENTS_AT_ONCE)
    for (const read of await readSubjects(documents, ids.slice(from, from + DOCUMENTS_AT_ONCE)))
      if (read) records.push(read.record);
  return records;
};
