import { type DocumentStore, type EventStore } from '@tributary/kernel';
import { lifeAndHeader } from './checkpoint.js';

/**
 * Tells whether documents that were lost, or set back, are not yet all there again. To be asked when something was read of them: a
 * loss between the question and the reading would not be seen.
 */
export const rebuildWatch = (documents: DocumentStore, events: Pick<EventStore, 'head'>): (() => Promise<boolean>) => {
  /** How far documents of a life have been seen to tell, or are to before they are whole. */
  let seen: { readonly epoch: string; readonly position: number } | undefined;
  const look = async (): Promise<boolean> => {
    const { life, header } = await lifeAndHeader(documents, seen?.epoch);
    // Lost a moment ago: nobody has begun anew.
    if (!life) return (await events.head()) >= 0;
    const { epoch, rebuildTo } = life;
    const position = header?.position ?? -1;
    const known = seen?.epoch === epoch ? seen.position : rebuildTo;
    seen = { epoch, position: Math.max(known, position) };
    return position < known;
  };
  // Of two that look at once the one that saw less may hear of it last.
  return async () => (await look()) && look();
};
