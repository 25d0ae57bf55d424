import { setTimeout as delay } from 'node:timers/promises';

/**
 * What ends statements of the server, if there are any: all that this needs of a client. By the id under which they began:
 * on a cluster, what an insert comes to on other hosts has ids of its own.
 */
export type Kill = (where: string, params: Readonly<Record<string, string>>) => Promise<void>;

/**
 * A server knows an insert by its id only once it has read its beginning. What comes on another connection may be quicker
 * (ClickHouse#62194: a KILL 30 ms ahead of what it was meant for), and would find nothing to end.
 */
const BEGUN_WITHIN_MS = 1_000;

/**
 * Inserts whose answer was lost may still be under way on the server. Whoever asks the tables how far they have come,
 * to go on from there, must not ask before those have ended: the rows would come twice.
 */
export class UnsettledInserts {
  readonly #kill: Kill;
  readonly #prefix: string;
  /** By id: from when on it can be ended. */
  readonly #ids = new Map<string, number>();
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
    this.#ids.set(id, performance.now() + BEGUN_WITHIN_MS);
  }

  /** Resolves when every lost insert has ended, one way or the other. */
  async settle(): Promise<void> {
    for (const [id, from] of [...this.#ids]) {
      await delay(Math.max(0, from - performance.now()));
      await this.#kill('initial_query_id = {id:String}', { id });
      this.#ids.delete(id);
    }
  }

  /** The same for those of whoever loaded before. */
  async settleOthers(database: string): Promise<void> {
    await this.#kill('startsWith(initial_query_id, {prefix:String})', { prefix: `tributary-insert-${database}-` });
  }
}
