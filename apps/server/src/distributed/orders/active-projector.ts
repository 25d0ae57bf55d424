import { randomUUID } from 'node:crypto';
import { type DocumentStore } from '@tributary/kernel';
import { type FeedOutlet, type Projector } from '@tributary/pipeline';
import { readNote } from './order.js';

const ACTIVE = 'projector/active';

/**
 * Which projector of this process is the active one of all. Who loses the commands' partition is not told: it finds out at its
 * next page, which may be long in coming. So whoever begins, and fences the others' feed, leaves its name.
 */
export class ActiveProjector {
  readonly #documents: DocumentStore;
  #own: { readonly projector: Projector; readonly id: string } | null = null;

  constructor(documents: DocumentStore) {
    this.#documents = documents;
  }

  /** The feed of a projector, which is the active one from its beginning on. */
  feedOf(projector: () => Projector, feed: FeedOutlet): FeedOutlet {
    return {
      begin: async () => {
        const sentTo = await feed.begin();
        const id = randomUUID();
        await this.#documents.replace([{ kind: 'checkpoint', key: ACTIVE, version: 0, body: JSON.stringify({ id }) }]);
        this.#own = { projector: projector(), id };
        return sentTo;
      },
      send: (messages) => feed.send(messages),
    };
  }

  ended(projector: Projector): void {
    if (this.#own?.projector === projector) this.#own = null;
  }

  /** `null`: it is another process's. Where the name was lost with the documents, whoever thinks so may say that. */
  async get(): Promise<Projector | null> {
    const own = this.#own;
    if (!own) return null;
    const named = await readNote<{ readonly id: string }>(this.#documents, ACTIVE);
    return named && named.id !== own.id ? null : own.projector;
  }
}
