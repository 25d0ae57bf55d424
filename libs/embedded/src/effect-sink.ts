import { EngineError, noEffects, type Effects, type EffectsDraft, type EffectSink } from '@tributary/kernel';
import { ByteWriter } from './bytes.js';
import { DraftSealing, type Sealing } from './draft-sealing.js';
import { EffectsFrame, packEffects } from './effects-frame.js';
import { ENGINE } from './engine.js';
import { FrameMemory } from './frame-memory.js';
import { SpareRuns } from './log-chunks.js';
import { type Topics } from './topics.js';
import { type WriterLink } from './writer-link.js';

/** What a frame is given beyond what the last large one needed; one that needs more grows. */
const ROOM = 1.2;
const MOST_BYTES = 512 * 2 ** 20;
const LEAST_BYTES = 4096;
/** From so many records on a frame is worth memory of its own kind, and tells what a record takes. */
const LARGE_RECORDS = 1_000;

/** Every write of a thread goes this way: packed here, committed there. */
export class EmbeddedSink implements EffectSink {
  /** Offsets that this thread's commits have carried, so that a consumption need not commit them again. */
  readonly carried = new Map<string, number>();
  /** How large the frame of a draft was lately, for each record that it was made of. */
  #bytesPerRecord = 4_000;
  readonly #memory = new FrameMemory();
  readonly #spareRuns = new SpareRuns();
  /** Drafts that are being sealed or written. */
  readonly #underWay = new Set<Promise<void>>();

  constructor(
    readonly link: WriterLink,
    readonly topics: Topics,
    readonly sealing: Sealing,
  ) {}

  async commit(effects: Effects): Promise<void> {
    await this.write(effects);
    this.#carry(effects.offsets);
  }

  async begin(topics: Iterable<string>, records = 0): Promise<EffectsDraft> {
    await this.#learn([...topics]);
    const expected_bytes = Math.ceil(Math.min(MOST_BYTES / ROOM, LEAST_BYTES + records * this.#bytesPerRecord));
    const isLarge = records >= LARGE_RECORDS;
    if (!isLarge && this.#memory.letGoIfUnused()) this.#spareRuns.clear();
    const into: ByteWriter<ArrayBufferLike> = isLarge
      ? ByteWriter.lent(this.#memory.take(expected_bytes, expected_bytes * ROOM), () =>
          this.sealing.thread.waitForAll(),
        )
      : ByteWriter.own(expected_bytes);
    const frame = new EffectsFrame(this.topics, into, records, this.#spareRuns);
    const sealed = new DraftSealing(frame, this.sealing);
    return {
      append: (append) => frame.append(append),
      appendUnsealed: (append, owner) => {
        frame.appendUnsealed(append, owner);
        sealed.added();
      },
      see: (mark) => frame.see(mark),
      send: (append) => frame.send(append),
      commit: async (rest) => {
        const bytes = frame.finish(rest);
        if (isLarge) this.#bytesPerRecord = bytes.length / records;
        const written = sealed.whole(bytes).then(() => this.link.write(bytes));
        this.#underWay.add(written);
        try {
          await written;
        } finally {
          this.#underWay.delete(written);
          // Committed, refused, or the writer is gone: nobody reads it any more.
          if (bytes.buffer instanceof SharedArrayBuffer) this.#memory.giveBack(bytes.buffer);
        }
        this.#carry(rest.offsets);
      },
    };
  }

  /** Waits for drafts that are handed in: one that is being sealed is not with the writer yet. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }

  /** Keeps no memory for the next large frame. */
  rest(): void {
    this.#memory.letGo();
    this.#spareRuns.clear();
  }

  async write(effects: Partial<Effects>, independent = false): Promise<void> {
    const whole: Effects = { ...noEffects, ...effects };
    await this.#learn([...whole.outgoing, ...whole.offsets].map(({ topic }) => topic));
    await this.topics.learn(placesIn(whole));
    await this.link.write(packEffects(whole, this.topics), independent);
  }

  async #learn(topics: readonly string[]): Promise<void> {
    await this.topics.learn(topics);
    for (const topic of topics)
      if (!this.topics.knows(topic)) throw new EngineError(ENGINE, 'fatal', `there is no topic ${topic}`);
  }

  #carry(offsets: Effects['offsets']): void {
    for (const { group, topic, partition, next } of offsets)
      this.carried.set(carriedKey(group, topic, partition), next);
  }
}

export const carriedKey = (group: string, topic: string, partition: number): string => `${group} ${topic} ${partition}`;

/** Topics that seen marks name; those that do not exist are kept as text. */
const placesIn = ({ seen }: Effects): Set<string> => {
  const topics = new Set<string>();
  for (const { at } of seen) {
    const end = at.indexOf('/');
    if (end > 0) topics.add(at.slice(0, end));
  }
  return topics;
};
