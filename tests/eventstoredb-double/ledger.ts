/**
 * What the double holds: one log of records at byte offsets, streams as views of it, and the server's rules for appends.
 * Kept apart from the server, so that a stop and a start find it again.
 */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord extends ProposedEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: number;
  readonly created_ms: number;
}

export type Expected = { readonly type: 'any' | 'no_stream' | 'stream_exists' } | { readonly revision: number };

export type Written =
  | { readonly type: 'success'; readonly lastRevision: number; readonly position: number }
  | { readonly type: 'wrong_expected_version'; readonly current: number }
  | { readonly type: 'stream_deleted' };

interface StreamState {
  readonly records: LogRecord[];
  lastRevision: number;
  truncateBefore: number;
  maxCount: number;
  tombstoned: boolean;
}

/** `$tb` of a soft delete, and the revision of a tombstone. */
export const DELETED = 9_223_372_036_854_775_807n;
const DELETED_TB = Number(DELETED);
/** What a record costs in the log beside its contents. */
const RECORD_OVERHEAD_BYTES = 90;
const STATISTICS_EVERY = 7;

export class Ledger {
  readonly records: LogRecord[] = [];
  readonly #streams = new Map<string, StreamState>();
  readonly #listeners = new Set<() => void>();
  /** Offsets at which a record begins or began: the only ones that can be read from. */
  readonly #boundaries = new Set<number>([0]);
  #end = 0;
  #appends = 0;

  constructor() {
    this.#write('$epoch-information', [this.#system('$epoch-information', '{}')], 0);
  }

  get end(): number {
    return this.#end;
  }

  state(stream: string): Readonly<StreamState> {
    return (
      this.#streams.get(stream) ?? {
        records: [],
        lastRevision: -1,
        truncateBefore: 0,
        maxCount: Infinity,
        tombstoned: false,
      }
    );
  }

  isSoftDeleted(stream: string): boolean {
    return this.state(stream).truncateBefore === DELETED_TB;
  }

  /** Oldest revision that reading still gives. */
  firstRevision(stream: string): number {
    const { truncateBefore, maxCount, lastRevision } = this.state(stream);
    return Math.max(truncateBefore, lastRevision + 1 - maxCount, 0);
  }

  isBoundary(position: number): boolean {
    return this.#boundaries.has(position) || position >= this.#end;
  }

  /** Index of the first record at or after a position. */
  indexFrom(position: number): number {
    let [low, high] = [0, this.records.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.records[middle]!.position < position) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  append(stream: string, expected: Expected, events: readonly ProposedEvent[]): Written {
    // A copy: what is written changes it.
    const before = { ...this.state(stream) };
    if (before.tombstoned) return { type: 'stream_deleted' };
    const decision = this.#check(stream, before, expected, events);
    if (decision !== 'ok') return decision;
    const deleted = this.isSoftDeleted(stream);
    if (++this.#appends % STATISTICS_EVERY === 0) this.#statistics();
    const written = this.#write(stream, events, before.lastRevision + 1);
    // As there: first the events, then that the stream is back.
    if (deleted) this.#setMetadata(stream, { $tb: before.lastRevision + 1 });
    if (stream.startsWith('$$')) this.#obey(stream.slice(2), events);
    for (const listener of this.#listeners) listener();
    return { type: 'success', lastRevision: before.lastRevision + events.length, position: written };
  }

  /** The server's own idempotence: the very same ids where this append would have put them. */
  #check(
    stream: string,
    { lastRevision, records }: StreamState,
    expected: Expected,
    events: readonly ProposedEvent[],
  ): Written | 'ok' {
    const wrong: Written = { type: 'wrong_expected_version', current: lastRevision };
    if ('type' in expected && expected.type !== 'no_stream')
      return expected.type === 'stream_exists' && lastRevision < 0 ? wrong : 'ok';
    const at = 'revision' in expected ? expected.revision : -1;
    if (at > lastRevision) return wrong;
    if (at === lastRevision) return 'ok';
    for (const [i, { id }] of events.entries()) {
      const there = records.find(({ revision }) => Number(revision) === at + 1 + i);
      if (there?.id === id) continue;
      return i === 0 && at === -1 && this.isSoftDeleted(stream) ? 'ok' : wrong;
    }
    const last = records.find(({ revision }) => Number(revision) === at + events.length)!;
    return { type: 'success', lastRevision: at + events.length, position: last.position };
  }

  #write(stream: string, events: readonly ProposedEvent[], firstRevision: number): number {
    const state = this.#streams.get(stream) ?? { ...this.state(stream), records: [] };
    this.#streams.set(stream, state);
    let position = this.#end;
    for (const [i, event] of events.entries()) {
      position = this.#end;
      const record = { ...event, stream, revision: BigInt(firstRevision + i), position, created_ms: Date.now() };
      this.#place(record, state);
      state.lastRevision = firstRevision + i;
    }
    return position;
  }

  #place(record: LogRecord, state: StreamState): void {
    this.#boundaries.add(record.position);
    this.records.push(record);
    state.records.push(record);
    this.#end += RECORD_OVERHEAD_BYTES + record.data.length + record.metadata.length + record.type.length * 2;
  }

  #system(type: string, json: string): ProposedEvent {
    const id = crypto.randomUUID();
    return { id, type, isJson: true, data: new TextEncoder().encode(json), metadata: new Uint8Array(0) };
  }

  #statistics(): void {
    const stream = '$stats-127.0.0.1:2113';
    this.#write(stream, [this.#system('$statsCollected', '{"proc-mem":1}')], this.state(stream).lastRevision + 1);
  }

  #setMetadata(stream: string, metadata: Readonly<Record<string, number>>): void {
    const json = JSON.stringify(metadata).replace(String(DELETED_TB), String(DELETED));
    const event = this.#system('$metadata', json);
    this.#write(`$$${stream}`, [event], this.state(`$$${stream}`).lastRevision + 1);
    this.#obey(stream, [event]);
  }

  #obey(stream: string, events: readonly ProposedEvent[]): void {
    const metadata = JSON.parse(new TextDecoder().decode(events.at(-1)!.data)) as Record<string, number | undefined>;
    const state = this.#streams.get(stream) ?? { ...this.state(stream), records: [] };
    this.#streams.set(stream, state);
    state.truncateBefore = metadata['$tb'] ?? 0;
    state.maxCount = metadata['$maxCount'] ?? Infinity;
  }

  delete(stream: string, expected: Expected = { type: 'any' }): Written {
    const { tombstoned, lastRevision } = this.state(stream);
    if (tombstoned) return { type: 'stream_deleted' };
    if (!this.#isAt(stream, expected)) return { type: 'wrong_expected_version', current: lastRevision };
    this.#setMetadata(stream, { $tb: DELETED_TB });
    for (const listener of this.#listeners) listener();
    return { type: 'success', lastRevision, position: this.records.at(-1)!.position };
  }

  #isAt(stream: string, expected: Expected): boolean {
    const { lastRevision } = this.state(stream);
    if ('revision' in expected) return lastRevision === expected.revision;
    return expected.type === 'any' || (expected.type === 'no_stream') === lastRevision < 0;
  }

  tombstone(stream: string, expected: Expected = { type: 'any' }): Written {
    const state = this.#streams.get(stream) ?? { ...this.state(stream), records: [] };
    this.#streams.set(stream, state);
    if (state.tombstoned) return { type: 'stream_deleted' };
    if (!this.#isAt(stream, expected)) return { type: 'wrong_expected_version', current: state.lastRevision };
    const event = this.#system('$streamDeleted', '');
    const record = { ...event, isJson: false, stream, revision: DELETED, position: this.#end, created_ms: Date.now() };
    this.#place(record, state);
    state.tombstoned = true;
    for (const listener of this.#listeners) listener();
    return { type: 'success', lastRevision: state.lastRevision, position: record.position };
  }

  /** Removes what truncation hides; the rest keeps its offsets. */
  scavenge(): void {
    const kept = this.records.filter(
      ({ stream, revision, type }) =>
        type === '$streamDeleted' || (!this.state(stream).tombstoned && Number(revision) >= this.firstRevision(stream)),
    );
    this.records.splice(0, this.records.length, ...kept);
    for (const [name, { records }] of this.#streams)
      records.splice(0, records.length, ...kept.filter(({ stream }) => stream === name));
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
