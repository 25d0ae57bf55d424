import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { type DocumentStore, EngineError } from '@tributary/kernel';
import { documentsMadeTo, type Projector, repair, type Scratch, type StageContext, verify } from '@tributary/pipeline';
import { type Verification } from '../../ops/operations.js';
import { interruptible } from '../../platform/pipeline-turns.js';
import { openScratch } from '../../platform/scratch.js';
import { type StageOrder } from './order.js';

/** The active projector of this process; `null`: there is none, and what it would compare is written by another. */
export type Active = () => Promise<Projector | null>;

/**
 * Compares the documents with their rebuild from zero, which is made in a folder for temporary files, or mends them. Beside
 * a projector that has taken over it would compare, and mend, what moves: then it fails.
 */
export const examineDocuments =
  (context: StageContext, active: Active) =>
  async (order: StageOrder, signal: AbortSignal): Promise<Verification> => {
    const projector = await active();
    if (!projector)
      throw new EngineError('documents', 'retriable', 'this projector has just stopped to be the active one');
    const { documents } = context.ports;
    const requireOurs = async (): Promise<void> => {
      const { position, whole } = await documentsMadeTo(documents);
      if ((await active()) !== projector || !whole || position !== projector.position)
        throw new EngineError('documents', 'retriable', 'another projector has taken over, or the documents were lost');
    };
    const examined: StageContext = {
      ...context,
      ports: { ...context.ports, documents: guarded(documents, requireOurs) },
    };
    // On a thread of its own: a role answers for its health while it compares.
    const opened = await openScratch(tmpdir(), { masterKey: randomBytes(32), reads: 'thread' });
    const scratch: Scratch = { ...opened, documents: interruptible(opened.documents, signal) };
    try {
      const still = <T>(work: () => Promise<T>): Promise<T> =>
        projector.still(async () => {
          await requireOurs();
          const result = await work();
          await requireOurs();
          return result;
        });
      return await (order === 'verify' ? verify : repair)(examined, scratch, still);
    } finally {
      await scratch.close();
    }
  };

/** Whatever is forced upon the documents is ours to force. */
const guarded = (documents: DocumentStore, requireOurs: () => Promise<void>): DocumentStore => ({
  get: (kind, keys) => documents.get(kind, keys),
  put: (writes) => documents.put(writes),
  due: (kind, until, limit) => documents.due(kind, until, limit),
  scan: (kind, afterKey, limit) => documents.scan(kind, afterKey, limit),
  count: (kind) => documents.count(kind),
  replace: async (writes) => {
    await requireOurs();
    await documents.replace(writes);
  },
  clear: (kind) => documents.clear(kind),
});
