import { type EventStore } from '@tributary/kernel';
import { lastEventOf } from './stream-tail.js';

/** Where streams end that one writer alone appends to, and that no document tells of: read once, known from then on. */
export class OwnRevisions {
  readonly #events: EventStore;
  readonly #known = new Map<string, number>();

  constructor(events: EventStore) {
    this.#events = events;
  }

  /** -1: there is no such stream yet. */
  async of(stream: string): Promise<number> {
    const known = this.#known.get(stream);
    if (known !== undefined) return known;
    const revision = (await lastEventOf(this.#events, stream))?.revision ?? -1;
    this.#known.set(stream, revision);
    return revision;
  }

  /** What was just planned ends there. */
  endsAt(stream: string, revision: number): void {
    this.#known.set(stream, revision);
  }
}
