import { type DocumentStore } from '@tributary/kernel';

/** Who can do it: only whoever writes a read model can hold it still. */
export type ExaminingStage = 'projector' | 'loader';
export type StageOrder = 'verify' | 'rebuild';

/** An order to a stage. It stands among the documents, the one engine that the api and every such stage have. */
export interface Ordered {
  readonly id: string;
  readonly order: StageOrder;
}

/** What has become of it, as its stage says. */
export type Carried =
  | { readonly id: string; readonly state: 'under way'; readonly beat: number; readonly by: string }
  /** Whoever was at it is no more the one that writes, or stops: for the next one. */
  | { readonly id: string; readonly state: 'left' }
  | { readonly id: string; readonly state: 'done'; readonly answer: unknown }
  | { readonly id: string; readonly state: 'failed'; readonly message: string };

/** One order a stage at a time: what was ordered, and what came of the newest; neither grows. */
export const orderKey = (stage: ExaminingStage): string => `order/${stage}`;
export const answerKey = (stage: ExaminingStage): string => `order/${stage}/answer`;

export const readNote = async <T>(documents: DocumentStore, key: string): Promise<T | undefined> => {
  const [document] = await documents.get('checkpoint', [key]);
  return document && (JSON.parse(document.body) as T);
};

export const writeNote = (documents: DocumentStore, key: string, note: Carried): Promise<void> =>
  documents.replace([{ kind: 'checkpoint', key, version: 0, body: JSON.stringify(note) }]);

export const forgetNote = (documents: DocumentStore, key: string): Promise<void> =>
  documents.replace([{ kind: 'checkpoint', key, version: 0, body: null }]);
