import { WrongExpectedRevision } from '../errors.js';
import { type DocumentWrite, type SeenMark } from '../ports/documents.js';
import { asText, type DocumentSaid, type Effects, type EffectsDraft, type EffectSink } from '../ports/effects.js';
import { type Append } from '../ports/event-store.js';
import { type KeyVault, type SubjectKey } from '../ports/key-vault.js';
import { type LogAppend } from '../ports/log.js';
import { MemoryDocuments, MemorySeen } from './memory-documents.js';
import { MemoryEvents } from './memory-events.js';
import { MemoryLog } from './memory-log.js';

export * from './faults.js';

/** Keys are counted, not random: for specs only. */
export class MemoryVault implements KeyVault {
  #bySubject = new Map<string, SubjectKey>();
  #byId = new Map<string, { readonly subject: string; readonly key: Uint8Array }>();
  #made = 0;
  #marked: number | undefined;

  /** Notes all that it holds now; answers how to set it back to that. */
  backup(): () => void {
    const [bySubject, byId, marked] = [new Map(this.#bySubject), new Map(this.#byId), this.#marked];
    return () => {
      this.#bySubject = new Map(bySubject);
      this.#byId = new Map(byId);
      this.#marked = marked;
    };
  }

  async keysFor(subjects: readonly string[]): Promise<ReadonlyMap<string, SubjectKey>> {
    return new Map(subjects.map((subject) => [subject, this.#bySubject.get(subject) ?? this.#make(subject)]));
  }

  #make(subject: string): SubjectKey {
    this.#made += 1;
    const key = new Uint8Array(32);
    new DataView(key.buffer).setUint32(0, this.#made);
    const made = { keyId: this.#made.toString(16).padStart(16, '0'), key };
    this.#bySubject.set(subject, made);
    this.#byId.set(made.keyId, { subject, key });
    return made;
  }

  async keysById(keyIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const found = new Map<string, Uint8Array>();
    for (const id of keyIds) {
      const held = this.#byId.get(id);
      if (held) found.set(id, held.key);
    }
    return found;
  }

  async idsOf(subjects: readonly string[]): Promise<readonly string[]> {
    return subjects.flatMap((subject) => this.#bySubject.get(subject)?.keyId ?? []);
  }

  async destroy(keyIds: readonly string[]): Promise<number> {
    let destroyed = 0;
    for (const id of keyIds) {
      const held = this.#byId.get(id);
      if (!held) continue;
      this.#bySubject.delete(held.subject);
      this.#byId.delete(id);
      destroyed += 1;
    }
    return destroyed;
  }

  async markedTo(): Promise<number | undefined> {
    return this.#marked;
  }

  async markTo(position: number, from: number): Promise<boolean> {
    if ((this.#marked ?? -1) < from) return false;
    this.#marked = Math.max(position, this.#marked ?? -1);
    return true;
  }
}

export interface MemoryStore {
  readonly log: MemoryLog;
  readonly events: MemoryEvents;
  readonly documents: MemoryDocuments;
  readonly seen: MemorySeen;
  readonly vault: MemoryVault;
  readonly sink: EffectSink;
}

/** A draft that is kept as it was said. */
const collected = (commit: EffectSink['commit']): EffectsDraft => {
  const appends: Append[] = [];
  const seen: SeenMark[] = [];
  const outgoing: LogAppend[] = [];
  return {
    append: (append) => void appends.push(append),
    see: (mark) => void seen.push(mark),
    send: (append) => void outgoing.push(append),
    commit: (rest) => commit({ ...rest, appends, seen, outgoing, documents: keptDocuments(rest.documents) }),
  };
};

/** Documents that a draft was told of, to be kept: bytes change with the next. */
export const keptDocuments = (said: Iterable<DocumentSaid>): DocumentWrite[] => Array.from(said, asText);

/** Every port in memory, for specs: what the ports promise, nothing more. Passes the same contract suites as the engines. */
export const memoryStore = (): MemoryStore => {
  const log = new MemoryLog();
  const events = new MemoryEvents();
  const documents = new MemoryDocuments();
  const seen = new MemorySeen();
  const commit = async (effects: Effects): Promise<void> => {
    const head = await events.head();
    if (effects.expectedHead !== undefined && effects.expectedHead !== head)
      throw new WrongExpectedRevision('$all', effects.expectedHead, head);
    await events.append(effects.appends);
    await documents.put(effects.documents);
    await seen.markSeen(effects.seen);
    log.appendNow(effects.outgoing);
    for (const { group, next, ...at } of effects.offsets) log.commitNow(group, at, next);
  };
  const sink: EffectSink = { commit, begin: async () => collected(commit) };
  return { log, events, documents, seen, vault: new MemoryVault(), sink };
};
