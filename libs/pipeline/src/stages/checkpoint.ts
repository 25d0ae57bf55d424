import {
  type DocumentKind,
  type DocumentStore,
  type DocumentWrite,
  EngineError,
  type RecordedEvent,
} from '@tributary/kernel';
import { INTAKE_STREAMS } from '@tributary/domain';
import { CENSUS } from '../census.js';

/** The documents that events are projected into; a new life of them has a new name. */
const LIFE = 'projection';
const CHUNK = 500;
const KINDS: readonly DocumentKind[] = ['subject', 'activity', 'customer', 'outcome'];

interface Life {
  readonly epoch: string;
  /** Head of the events when this life began: before that, documents tell of the past. */
  readonly rebuildTo: number;
  /** Whether documents of an earlier life stood there; as seen before this one began, so that nobody clears its own. */
  readonly leftovers: boolean;
}

/** An event of an intake stream: its id belongs to one attempt to take a batch, so no other store holds it. */
export type IntakeEvent = Pick<RecordedEvent, 'stream' | 'revision' | 'id'>;

interface Header {
  readonly position: number;
  /** Where the page began: all documents are made up to there, also while it is being made. Absent: of an older program. */
  readonly before?: number;
  /** The newest of the events made that never go away, if there was any, so that another store is told from this one. */
  readonly intake?: IntakeEvent;
  /** Keys of the documents that hold the page's writes until they are all made; of one attempt at the page only. */
  readonly ahead: readonly string[];
}

/** What readers of the documents should know; `null`: nothing was ever projected here, or all of it was lost. */
export interface ProjectionState {
  readonly position: number;
  readonly rebuilding: boolean;
}

export const projectionState = async (documents: DocumentStore): Promise<ProjectionState | null> => {
  const { life, header } = await lifeAndHeader(documents);
  if (!life) return null;
  const position = header?.position ?? -1;
  return { position, rebuilding: position < life.rebuildTo };
};

/** How far documents tell of the events. */
export interface MadeTo {
  /** Which documents: those that are made anew after a loss are others. Absent: there are none. */
  readonly life?: string;
  readonly position: number;
  /** Whether all of them are there: not while a page is being made; then all are at `before`, if that is known. */
  readonly whole: boolean;
  readonly before?: number;
}

/** The feed is told before the documents are, so who reads documents because of a message must wait for this. */
export const documentsMadeTo = async (documents: DocumentStore): Promise<MadeTo> => {
  const { life, header } = await lifeAndHeader(documents);
  if (!life || !header) return { ...(life && { life: life.epoch }), position: -1, whole: true };
  // What was written ahead is forgotten only after all of it was made, so one of it tells.
  const [one] = header.ahead.slice(0, 1);
  const [waits] = one === undefined ? [] : await documents.get('checkpoint', [one]);
  const { position, before } = header;
  return { life: life.epoch, position, whole: !waits, ...(before === undefined ? {} : { before }) };
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
  readonly #newId: () => string;
  #position = -1;
  #intake: IntakeEvent | undefined;

  private constructor(documents: DocumentStore, life: Life, newId: () => string) {
    this.#documents = documents;
    this.#life = life;
    this.#newId = newId;
  }

  get position(): number {
    return this.#position;
  }

  /** Absent also where an older program made the documents. */
  get intake(): IntakeEvent | undefined {
    return this.#intake;
  }

  /** Opens the present life and completes its last page; begins a new one where there is none, or all was lost. */
  static async open(documents: DocumentStore, head: number, newId: () => string): Promise<Checkpoint> {
    const life = (await lifeOf(documents)) ?? (await beginLife(documents, newId(), head));
    const checkpoint = new Checkpoint(documents, life, newId);
    const header = await headerOf(documents, life);
    if (header) await checkpoint.#complete(header);
    else if (life.leftovers) await clearAll(documents);
    return checkpoint;
  }

  async #complete({ position, intake, ahead }: Header): Promise<void> {
    for (const chunk of ahead.length > 0 ? await this.#documents.get('checkpoint', ahead) : [])
      if (chunk) await this.#documents.put(JSON.parse(chunk.body) as DocumentWrite[]);
    await forget(this.#documents, ahead);
    this.#position = position;
    this.#intake = intake;
  }

  /**
   * Throws unless the documents are those that we know: emptied, set back or moved on by another, they are not, and what was
   * made of them counts for nothing. To be called when all has been read, before anything is told or written.
   */
  async requireOurs(): Promise<void> {
    const { life, header } = await lifeAndHeader(this.#documents, this.#life.epoch);
    const stored = life?.epoch === this.#life.epoch ? (header?.position ?? -1) : null;
    if (stored === this.#position) return;
    throw new EngineError(
      'documents',
      'retriable',
      stored === null
        ? 'the documents were lost; they are to be rebuilt'
        : `the documents are at ${stored}, not at ${this.#position}: restored, or another projector is at work`,
    );
  }

  /** `made`: events of the page. */
  async commit(position: number, writes: readonly DocumentWrite[], made: readonly RecordedEvent[] = []): Promise<void> {
    const attempt = `${headerKey(this.#life)}/${this.#newId()}`;
    const chunks: DocumentWrite[] = [];
    for (let from = 0; from < writes.length; from += CHUNK)
      chunks.push({
        kind: 'checkpoint',
        key: `${attempt}/${from}`,
        version: position,
        body: JSON.stringify(writes.slice(from, from + CHUNK)),
      });
    await this.#documents.put(chunks);
    const newest = made.findLast(({ stream }) => stream.startsWith(INTAKE_STREAMS));
    const intake = newest ? { stream: newest.stream, revision: newest.revision, id: newest.id } : this.#intake;
    const header: Header = {
      position,
      before: this.#position,
      ...(intake ? { intake } : {}),
      ahead: chunks.map(({ key }) => key),
    };
    await this.#documents.put([
      { kind: 'checkpoint', key: headerKey(this.#life), version: position, body: JSON.stringify(header) },
    ]);
    await this.#documents.put(writes);
    await forget(this.#documents, header.ahead);
    this.#position = position;
    this.#intake = intake;
  }
}

const forget = (documents: DocumentStore, keys: readonly string[]): Promise<void> =>
  documents.replace(keys.map((key) => ({ kind: 'checkpoint', key, version: 0, body: null })));

const beginLife = async (documents: DocumentStore, epoch: string, head: number): Promise<Life> => {
  const counts = await Promise.all(KINDS.map((kind) => documents.count(kind)));
  const life: Life = { epoch, rebuildTo: head, leftovers: counts.some((count) => count > 0) };
  // Of several that begin at once the first counts.
  await documents.put([{ kind: 'checkpoint', key: LIFE, version: 0, body: JSON.stringify(life) }]);
  const begun = await lifeOf(documents);
  if (!begun) throw new EngineError('documents', 'retriable', 'what was just written is not there');
  return begun;
};

/** Documents without a life: their versions would stand in the way of what is rebuilt. */
const clearAll = async (documents: DocumentStore): Promise<void> => {
  for (const kind of KINDS) await documents.clear(kind);
  await forget(documents, [CENSUS]);
};

const lifeOf = async (documents: DocumentStore): Promise<Life | undefined> => {
  const [life] = await documents.get('checkpoint', [LIFE]);
  return life && (JSON.parse(life.body) as Life);
};

const headerOf = async (documents: DocumentStore, life: Life): Promise<Header | undefined> => {
  const [header] = await documents.get('checkpoint', [headerKey(life)]);
  return header && (JSON.parse(header.body) as Header);
};

/** Both, of one reading where the life is the one that is expected. */
export const lifeAndHeader = async (
  documents: DocumentStore,
  epoch?: string,
): Promise<{ readonly life?: Life; readonly header?: Header | undefined }> => {
  const keys = [LIFE, ...(epoch === undefined ? [] : [headerKey({ epoch })])];
  const [life, header] = (await documents.get('checkpoint', keys)).map(
    (one) => one && (JSON.parse(one.body) as unknown),
  );
  if (!life) return {};
  const present = life as Life;
  return {
    life: present,
    header: present.epoch === epoch ? (header as Header | undefined) : await headerOf(documents, present),
  };
};

const headerKey = ({ epoch }: Pick<Life, 'epoch'>): string => `${LIFE}/${epoch}`;
