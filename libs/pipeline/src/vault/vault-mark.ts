import { type DocumentWrite, type RecordedEvent } from '@tributary/kernel';
import { type DecodedAppend } from '../decoded.js';
import { type StageContext } from '../ports.js';
import { decodeEvents } from '../read-events.js';
import { destroyErased, destroyOf, destroySaid } from './destroy-again.js';
import { erasuresSaidSince } from './erasures-said-since.js';
import { LostKeys } from './lost-keys.js';
import { unreadableIn } from './unreadable.js';

const KEY = 'vault';
const PAGE = 2_000;

/**
 * Holds the vault against the events. How far it was marked stands in it and beside it, in the documents, there never more: an older
 * vault says less, and what was written since is read through once. Every key of that must be there or destroyed by an erasure, and
 * whatever was destroyed is destroyed again. So nobody is refused whose vault has lost nothing but its mark.
 */
export class VaultMark {
  readonly #context: StageContext;
  readonly #lost: LostKeys;
  /** Where the vault stands, or behind that. */
  #known = -1;
  /** Of what commands say since the vault was marked. */
  #begun: Promise<void> | undefined;
  /** Under way for all who ask. */
  #reading: { readonly from: number; readonly done: Promise<void> } | undefined;

  constructor(context: StageContext) {
    this.#context = context;
    this.#lost = new LostKeys(context);
  }

  /** Throws, *retriable*, where keys are lost. To be called before anything is made with keys, or of what they sealed. */
  async hold(): Promise<void> {
    const { documents, vault } = this.#context.ports;
    // In this order: whoever moves it on has the vault first.
    const [beside] = await documents.get('checkpoint', [KEY]);
    const noted = Math.max(this.#known, beside ? (JSON.parse(beside.body) as { position: number }).position : -1);
    const marked = (await vault.markedTo()) ?? -1;
    if (marked < noted) return this.#readThrough(marked);
    this.#known = marked;
  }

  /**
   * For whoever seals, to begin with. The documents may have been lost, or set back together with the vault, and then nothing beside it
   * says so. Whoever reads the events will see what is missing; but what is sealed until then with a key that is to go would be gone
   * with it.
   */
  async begin(): Promise<void> {
    await this.hold();
    this.#begun ??= this.#destroySaidSince(this.#known).catch((error: unknown) => {
      this.#begun = undefined;
      throw error;
    });
    await this.#begun;
  }

  async #destroySaidSince(marked: number): Promise<void> {
    if (marked < 0) return;
    const { events, vault } = this.#context.ports;
    const back = await destroyOf(await erasuresSaidSince(marked, this.#context.ports), events, vault);
    if (back > 0) this.#context.onKeysBack?.(back);
  }

  /** Events in clear, of which whatever is unreadable was erased: throws, *retriable*, else. What they say is destroyed is gone then. */
  async read(events: readonly RecordedEvent[]): Promise<readonly DecodedAppend[]> {
    for (;;) {
      const appends = await decodeEvents(events, this.#context);
      // Touchpoints that were on their way while their person was erased may stand behind that: they were read with a key that is to go.
      if ((await destroySaid(appends, this.#context.ports.vault)) > 0) continue;
      await this.#lost.requireNone(unreadableIn(appends));
      return appends;
    }
  }

  /**
   * All up to `position` is read, with its keys, and nothing was written of it yet. Answers what is then to be written beside it. For
   * each page: a replica that takes over may be behind by less than a second, and of what it lost behind the last mark nobody would know.
   */
  async move(position: number): Promise<DocumentWrite> {
    const { vault } = this.#context.ports;
    while (!(await vault.markTo(position, this.#known))) await this.#readThrough((await vault.markedTo()) ?? -1);
    this.#known = Math.max(this.#known, position);
    return { kind: 'checkpoint', key: KEY, version: position, body: JSON.stringify({ position }) };
  }

  /** Where one transaction holds all whatever is written has its keys: so far as that is durable by now. */
  async note(): Promise<void> {
    const { documents, events } = this.#context.ports;
    await documents.put([await this.move(await events.head())]);
  }

  /** Once for all partitions that a processor takes, unless somebody knows of less. */
  #readThrough(from: number): Promise<void> {
    const under = this.#reading;
    if (under && from >= under.from) return under.done;
    const done = this.#readAll(from).finally(() => {
      if (this.#reading?.done === done) this.#reading = undefined;
    });
    this.#reading = { from, done };
    return done;
  }

  /** Marked page by page, so that whoever is stopped meanwhile need not begin anew, and a vault that is set back once more is noticed. */
  async #readAll(from: number): Promise<void> {
    const { events, vault } = this.#context.ports;
    const head = await events.head();
    let back = 0;
    for (let at = from; at < head;) {
      const page = await events.readAll(at, PAGE);
      const appends = await decodeEvents(page, this.#context);
      back += (await destroySaid(appends, vault)) + (await destroyErased(appends, events, vault));
      await this.#lost.requireNone(unreadableIn(appends));
      const next = page[page.length - 1]?.position ?? head;
      at = (await vault.markTo(next, at)) ? next : ((await vault.markedTo()) ?? -1);
    }
    if (back > 0) this.#context.onKeysBack?.(back);
    this.#known = head;
  }
}
