/**
 * What ends statements of the server, if there are any: all that this needs of a client. By the id under which they began:
 * on a cluster, what an insert comes to on other hosts has ids of its own.
 */
export type Kill = (where: string, params: Readonly<Record<string, string>>) => Promise<void>;

/**
 * Inserts whose answer was lost may still be under way on the server. Whoever asks the tables how far they have come,
 * to go on from there, must not ask before those have ended: the rows would come twice.
 */
export class UnsettledInserts {
  readonly #kill: Kill;
  readonly #prefix: string;
  readonly #ids = new Set<string>();
  #made = 0;

  /** `instance` tells this process's inserts from those of its earlier lives. */
  constructor(kill: Kill, database: string, instance: string) {
    this.#kill = kill;
    this.#prefix = `tributary-insert-${database}-${instance}`;
  }

  nextId(): string {
    return `${this.#prefix}-${++this.#made}`;
  }

  lost(id: string): void {
    this.#ids.add(id);
  }

  /** Resolves when every lost insert has ended, one way or the other. */
  async settle(): Promise<void> {
    for (const id of [...this.#ids]) {
      await this.#kill('initial_query_id = {id:String}', { id });
      this.#ids.delete(id);
    }
  }

  /** The same for those of whoever loaded before. */
  async settleOthers(database: string): Promise<void> {
    await this.#kill('startsWith(initial_query_id, {prefix:String})', { prefix: `tributary-insert-${database}-` });
  }
}
