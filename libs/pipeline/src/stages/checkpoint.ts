import { type DocumentKind, type DocumentStore, type DocumentWrite, EngineError } from '@tributary/kernel';

/** The documents that events are projected into; a new life of them has a new name. */
const LIFE = 'projection';
const CHUNK = 500;
const KINDS: readonly DocumentKind[] = ['subject', 'customer', 'outcome', 'checkpoint'];

interface Life {
  readonly epoch: string;
  /** Head of the events when this life began: before that, documents tell of the past. */
  readonly rebuildTo: number;
}

interface Header {
  readonly position: number;
  /** How many documents hold the page's writes until they are all made. */
  readonly chunks: number;
}

/** What readers of the documents should know; `null`: nothing was ever projected here, or all of it was lost. */
export interface ProjectionState {
  readonly position: number;
  readonly rebuilding: boolean;
}

export const projectionState = async (documents: DocumentStore): Promise<ProjectionState | null> => {
  const life = await lifeOf(documents);
  if (!life) return null;
  const position = (await headerOf(documents, life))?.position ?? -1;
  return { position, rebuilding: position < life.rebuildTo };
};

/**
 * How far events are in the documents. A page changes many documents, and half a page is no state to go on from (folding
 * counts), so its writes are written ahead in a few documents, then the position, then the documents themselves. Whoever
 * comes after a crash makes them again: they are guarded by version, and a version of a document has one content only,
 * since all of it follows from the events up to there. So a zombie's writes do no harm either.
 */
export class Checkpoint {
  readonly #documents: DocumentStore;
  readonly #life: Life;
  #position = -1;

  private constructor(documents: DocumentStore, life: Life) {
    this.#documents = documents;
    this.#life = life;
  }

  get position(): number {
    return this.#position;
  }

  /** Opens the present life and completes its last page; begins a new one where there is none, or all was lost. */
  static async open(documents: DocumentStore, head: number, newEpoch: () => string): Promise<Checkpoint> {
    const life = (await lifeOf(documents)) ?? (await beginLife(documents, { epoch: newEpoch(), rebuildTo: head }));
    const checkpoint = new Checkpoint(documents, life);
    const header = await headerOf(documents, life);
    if (!header) return checkpoint;
    const keys = chunkKeys(life, header.position, header.chunks);
    for (const chunk of keys.length > 0 ? await documents.get('checkpoint', keys) : [])
      if (chunk) await documents.put(JSON.parse(chunk.body) as DocumentWrite[]);
    await forget(documents, keys);
    checkpoint.#position = header.position;
    return checkpoint;
  }

  async commit(position: number, writes: readonly DocumentWrite[]): Promise<void> {
    await this.#holds();
    const keys = chunkKeys(this.#life, position, Math.ceil(writes.length / CHUNK));
    await this.#documents.put(
      keys.map((key, i) => ({
        kind: 'checkpoint' as const,
        key,
        version: position,
        body: JSON.stringify(writes.slice(i * CHUNK, (i + 1) * CHUNK)),
      })),
    );
    const header: Header = { position, chunks: keys.length };
    await this.#documents.put([
      { kind: 'checkpoint', key: headerKey(this.#life), version: position, body: JSON.stringify(header) },
    ]);
    await this.#documents.put(writes);
    await forget(this.#documents, keys);
    this.#position = position;
  }

  /** Whether the documents are those that we know: emptied, set back or moved on by another, they are not. */
  async #holds(): Promise<void> {
    const [life, header] = await this.#documents.get('checkpoint', [LIFE, headerKey(this.#life)]);
    const ours = life && (JSON.parse(life.body) as Life).epoch === this.#life.epoch;
    const stored = ours ? ((header && (JSON.parse(header.body) as Header))?.position ?? -1) : null;
    if (stored === this.#position) return;
    throw new EngineError(
      'documents',
      'retriable',
      stored === null
        ? 'the documents were lost; they are to be rebuilt'
        : `the documents are at ${stored}, not at ${this.#position}: restored, or another projector is at work`,
    );
  }
}

const forget = (documents: DocumentStore, keys: readonly string[]): Promise<void> =>
  documents.replace(keys.map((key) => ({ kind: 'checkpoint', key, version: 0, body: null })));

const beginLife = async (documents: DocumentStore, life: Life): Promise<Life> => {
  // Documents without a life are leftovers: their versions would stand in the way of what is rebuilt.
  for (const kind of KINDS) if ((await documents.count(kind)) > 0) await documents.clear(kind);
  await documents.put([{ kind: 'checkpoint', key: LIFE, version: 0, body: JSON.stringify(life) }]);
  const begun = await lifeOf(documents);
  if (!begun) throw new EngineError('documents', 'retriable', 'what was just written is not there');
  return begun;
};

const lifeOf = async (documents: DocumentStore): Promise<Life | undefined> => {
  const [life] = await documents.get('checkpoint', [LIFE]);
  return life && (JSON.parse(life.body) as Life);
};

const headerOf = async (documents: DocumentStore, life: Life): Promise<Header | undefined> => {
  const [header] = await documents.get('checkpoint', [headerKey(life)]);
  return header && (JSON.parse(header.body) as Header);
};

const headerKey = ({ epoch }: Life): string => `${LIFE}/${epoch}`;
const chunkKeys = (life: Life, position: number, chunks: number): string[] =>
  Array.from({ length: chunks }, (_, i) => `${headerKey(life)}/${position}/${i}`);
