import { KeyTable, type OpenKey } from './key-table.js';
import { fromFailure, toFailure } from './protocol.js';
import { openKeys } from './schema.js';

/** Makes keys on the calling thread. The file is opened for writing when the first is wanted: most threads only read. */
export class KeysHere {
  readonly #dir: string;
  readonly #masterKey: Uint8Array;
  #table: KeyTable | undefined;

  constructor(dir: string, masterKey: Uint8Array) {
    this.#dir = dir;
    this.#masterKey = masterKey;
  }

  /** Throws what the writer thread would answer. */
  make(subjects: readonly string[]): readonly OpenKey[] {
    try {
      this.#table ??= new KeyTable(openKeys(this.#dir), this.#masterKey);
      return this.#table.ensure(subjects);
    } catch (error) {
      throw fromFailure(toFailure(error));
    }
  }

  close(): void {
    this.#table?.db.close();
  }
}
