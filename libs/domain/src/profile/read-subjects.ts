import { type DocumentStore, type SubjectId } from '@tributary/kernel';
import { type SubjectRecord } from './customer.js';
import { parseSubject } from './record-text.js';

export interface ReadSubject {
  readonly record: SubjectRecord;
  /** Position of the last event that either of its documents reflects. */
  readonly version: number;
}

/** The records of these subjects, each from its two documents; `undefined` where nothing is known. */
export const readSubjects = async (
  documents: Pick<DocumentStore, 'get'>,
  ids: readonly SubjectId[],
): Promise<readonly (ReadSubject | undefined)[]> => {
  if (ids.length === 0) return [];
  const [subjects, activities] = await Promise.all([documents.get('subject', ids), documents.get('activity', ids)]);
  return subjects.map((subject, i) => {
    if (!subject) return undefined;
    const activity = activities[i];
    return {
      record: parseSubject(subject.body, activity?.body),
      version: Math.max(subject.version, activity?.version ?? -1),
    };
  });
};
