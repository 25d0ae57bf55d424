import { decodeDecision } from '@tributary/contracts';
import { COMMAND_STREAMS, type CommandTaken, subjectStream } from '@tributary/domain';
import { EngineError } from '@tributary/kernel';
import { commandsTaken } from '../command-taken.js';
import { ordersUnderWay } from '../orders-under-way.js';
import { type StageContext } from '../ports.js';
import { type Told, toldOfKeys } from './told-of-keys.js';
import { type Unreadable } from './unreadable.js';

const COMMANDS_AT_ONCE = 2_000;
/** Of so many it is remembered that they were erased; some tens of megabytes. */
const REMEMBERED = 250_000;

/**
 * Tells keys that were destroyed from those that were lost, by what the events say. A key is destroyed only after its command said so
 * there, or, where one transaction holds all, before its subject's erasure does. So where neither stands the vault is an older one.
 */
export class LostKeys {
  readonly #ports: Pick<StageContext['ports'], 'log' | 'events'>;
  readonly #accepted: number;
  /** By stream the position of its last erasure, of those that were asked for: their events come page by page. */
  readonly #erasedAt = new Map<string, number>();

  /** `keysLostTo`: up to this position what is lost is known to be. */
  constructor({ ports, keysLostTo = -1 }: Pick<StageContext, 'ports' | 'keysLostTo'>) {
    this.#ports = ports;
    this.#accepted = keysLostTo;
  }

  /** Those that no erasure accounts for. Asks nothing where there is nothing. */
  async among(unreadable: readonly Unreadable[]): Promise<readonly Unreadable[]> {
    const open = unreadable.filter((one) => one.position > this.#accepted && !this.#isErasedBehind(one));
    const told = await toldOfKeys(this.#ports.events, open);
    for (const [stream, { erasedAt }] of told) if (erasedAt >= 0) this.#erasedAt.set(stream, erasedAt);
    const left = open.filter((one) => !this.#isErasedBehind(one));
    this.#forgetSome();
    return this.#notSaid(await this.#notOnTheirWay(left, told), told);
  }

  /** Throws what is to be done if there are any. */
  async requireNone(unreadable: readonly Unreadable[]): Promise<void> {
    const lost = await this.among(unreadable);
    if (lost.length > 0) throw lostKeys(lost, await this.#ports.events.head());
  }

  /** Mostly the erasure stands behind them in the same stream. */
  #isErasedBehind({ stream, position }: Unreadable): boolean {
    return (this.#erasedAt.get(stream) ?? -1) > position;
  }

  #forgetSome(): void {
    for (const stream of this.#erasedAt.keys()) {
      if (this.#erasedAt.size <= REMEMBERED) return;
      this.#erasedAt.delete(stream);
    }
  }

  /** Touchpoints that were on their way while their person was erased stand behind that. */
  async #notOnTheirWay(
    unreadable: readonly Unreadable[],
    told: ReadonlyMap<string, Told>,
  ): Promise<readonly Unreadable[]> {
    const idsOf = ({ stream }: Unreadable): readonly string[] => told.get(stream)?.commandIds ?? [];
    const commands = await commandsTaken(this.#ports.events, unreadable.flatMap(idsOf));
    return unreadable.filter((one) => {
      const own = idsOf(one).flatMap((id) => commands.get(id) ?? []);
      return !own.some(({ taken }) => isSaid(taken, one));
    });
  }

  /**
   * Of an erasure that is under way, or was when somebody died, nothing stands in the stream: seldom. Its order waits in the log; where
   * that is lost, too, its command is searched for behind the first that its keys have sealed: to search all takes as long as there are
   * events, and nobody says a word meanwhile.
   */
  async #notSaid(unreadable: readonly Unreadable[], told: ReadonlyMap<string, Told>): Promise<readonly Unreadable[]> {
    if (unreadable.length === 0) return unreadable;
    let left = unreadable;
    for (const { taken } of await ordersUnderWay(this.#ports)) left = left.filter((one) => !isSaid(taken, one));
    const sealedFrom = ({ stream, keyId, position }: Unreadable): number =>
      told.get(stream)?.sealedFrom.get(keyId) ?? position;
    for (let at = left.reduce((least, one) => Math.min(least, sealedFrom(one)), Infinity); left.length > 0;) {
      const page = await this.#ports.events.readAll(at, COMMANDS_AT_ONCE, COMMAND_STREAMS);
      const last = page[page.length - 1];
      if (!last) break;
      for (const { data } of page) {
        const taken = decodeDecision(data);
        if (taken.type === 'CommandTaken' && taken.erased.length > 0) left = left.filter((one) => !isSaid(taken, one));
      }
      at = last.position;
    }
    return left;
  }
}

/** Commands of older programs do not say which keys went. */
const isSaid = ({ keys, erased }: CommandTaken, { stream, keyId }: Unreadable): boolean =>
  keys?.includes(keyId) ?? erased.some(({ subject }) => subjectStream(subject) === stream);

/** How many there are in all nobody knows before all is read; whom they are of is not to be told. */
export const lostKeys = (lost: readonly Unreadable[], head: number): EngineError => {
  const many = new Set(lost.map(({ stream }) => stream)).size;
  const first = lost.reduce((least, { position }) => Math.min(least, position), Infinity);
  return new EngineError(
    'keys',
    'retriable',
    `the vault lacks the keys of ${many} subjects or more, from position ${first} of the events on, and nobody has erased those: it is ` +
      'older than the events, or they are older than their erasures (restored from a backup?). What was sealed with them would read as ' +
      'erased, so nothing is made of it. Bring back the newer one; if it is lost for good, say so with ' +
      `TRIBUTARY_KEYS_LOST_TO=${head}: docs/guide/running.md`,
  );
};
