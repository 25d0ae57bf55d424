import { type DocumentStore, type DocumentWrite, type EventMetadata, type KeyVault } from '@tributary/kernel';
import { type Command } from '../commands.js';

/** An erasure whose keys are about to go, or went, and of which nothing else is durable yet. */
export interface ErasureUnderWay {
  readonly command: Command;
  readonly source: NonNullable<EventMetadata['source']>;
  /** Ids of the keys that go. */
  readonly keys: readonly string[];
}

interface Ports {
  readonly documents: Pick<DocumentStore, 'put'>;
  readonly vault: Pick<KeyVault, 'idsOf' | 'destroy'>;
}

const KEY = 'erasing';

/** What an earlier life began and did not finish. */
export const erasureUnderWay = async (documents: Pick<DocumentStore, 'get'>): Promise<ErasureUnderWay | undefined> => {
  const [noted] = await documents.get('checkpoint', [KEY]);
  return noted && (JSON.parse(noted.body) as ErasureUnderWay);
};

/** Of one that is over, though what ended it knew of no note: an older program carried it out in between, say. */
export const forgetErasure = (documents: Pick<DocumentStore, 'replace'>): Promise<void> =>
  documents.replace([{ kind: 'checkpoint', key: KEY, version: 0, body: null }]);

/**
 * Destroys the keys of one erasure where one transaction holds all but them: whoever is killed when they are gone has told nobody. So
 * what goes is written down first, and the next life finishes it before it takes anything else: then customers are who they were.
 * Touchpoints in between could part the one that is erased, and of the part that the command does not name the keys would be lost and not
 * erased; or they could tie somebody else to it, who would go with it.
 */
export class Destruction implements Pick<KeyVault, 'idsOf' | 'destroy'> {
  readonly #ports: Ports;
  readonly #erasure: ErasureUnderWay;
  readonly #head: number;
  #isNoted = false;

  /** `keys`: those that an earlier life began to destroy. `head`: position of the newest event before the erasure. */
  constructor(ports: Ports, erasure: ErasureUnderWay, head: number) {
    this.#ports = ports;
    this.#erasure = erasure;
    this.#head = head;
  }

  /** Those of an earlier life count among them, though they may be gone. */
  async idsOf(subjects: readonly string[]): Promise<readonly string[]> {
    return [...new Set([...this.#erasure.keys, ...(await this.#ports.vault.idsOf(subjects))])];
  }

  async destroy(keys: readonly string[]): Promise<number> {
    if (keys.length === 0) return 0;
    // An erasure has an event at the least, so each word of the next one is newer than any of this.
    const version = 2 * this.#head + 1;
    const body = JSON.stringify({ ...this.#erasure, keys });
    await this.#ports.documents.put([{ kind: 'checkpoint', key: KEY, version, body }]);
    this.#isNoted = true;
    return this.#ports.vault.destroy(keys);
  }

  /** What is to be committed with the erasure itself. `head`: position of its last event. */
  ends(head: number): readonly DocumentWrite[] {
    return this.#isNoted ? [{ kind: 'checkpoint', key: KEY, version: 2 * head, body: null }] : [];
  }
}
