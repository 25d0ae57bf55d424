import { type DocumentStore, type EventStore } from '@tributary/kernel';

/**
 * By which number events become documents: raised with each change of what the same events leave in documents, or in the tables
 * that are made of them. The spec of this file notices the former.
 */
export const PROJECTED_AS = 1;

/** The checkpoint that says by which number documents were made. */
const MARK = 'projected-as';

interface Ports {
  readonly documents: Pick<DocumentStore, 'get' | 'replace'>;
  readonly events: Pick<EventStore, 'head'>;
}

/** Whether documents, if there are any, are what this program makes of the events. Those of before there was a mark need not be. */
export const isProjectedAsNow = async ({ documents, events }: Ports): Promise<boolean> => {
  const [mark] = await documents.get('checkpoint', [MARK]);
  return mark ? mark.body === String(PROJECTED_AS) : (await events.head()) < 0;
};

/** To be called where nothing was projected yet, and when all was made anew. */
export const noteProjectedAsNow = ({ documents }: Pick<Ports, 'documents'>): Promise<void> =>
  documents.replace([{ kind: 'checkpoint', key: MARK, version: PROJECTED_AS, body: String(PROJECTED_AS) }]);
