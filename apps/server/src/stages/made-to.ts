import { type DocumentStore, type StoredRecord } from '@tributary/kernel';
import { documentsMadeTo } from '@tributary/pipeline';

/** How far the documents say what the feed says, as it was at the last look; the feed is in order of its events. */
export class MadeTo {
  #position = -1;

  constructor(readonly documents: DocumentStore) {}

  get position(): number {
    return this.#position;
  }

  async look(): Promise<void> {
    const { position, whole, before } = await documentsMadeTo(this.documents);
    // Lower than it was: the documents were lost, and are rebuilt.
    this.#position = whole ? position : (before ?? Math.min(this.#position, position));
  }

  has({ value }: StoredRecord): boolean {
    const { sequence } = JSON.parse(new TextDecoder().decode(value)) as { readonly sequence: number };
    return sequence <= this.#position;
  }

  /** What is made of these is a beginning of them: found by halving. */
  of(records: readonly StoredRecord[]): readonly StoredRecord[] {
    let [low, high] = [0, records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.has(records[middle] as StoredRecord)) low = middle + 1;
      else high = middle;
    }
    return records.slice(0, low);
  }
}
