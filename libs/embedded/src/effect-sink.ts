import { EngineError, noEffects, type EffectSink, type Effects } from '@tributary/kernel';
import { packEffects } from './effects-frame.js';
import { ENGINE } from './protocol.js';
import { type Topics } from './topics.js';
import { type WriterLink } from './writer-link.js';

/** Every write of a thread goes this way: packed here, committed there. */
export class EmbeddedSink implements EffectSink {
  /** Offsets that this thread's commits have carried, so that a consumption need not commit them again. */
  readonly carried = new Map<string, number>();

  constructor(
    readonly link: WriterLink,
    readonly topics: Topics,
  ) {}

  async commit(effects: Effects): Promise<void> {
    await this.write(effects);
    for (const { group, topic, partition, next } of effects.offsets)
      this.carried.set(carriedKey(group, topic, partition), next);
  }

  async write(effects: Partial<Effects>, independent = false): Promise<void> {
    const whole: Effects = { ...noEffects, ...effects };
    const named = [...whole.outgoing, ...whole.offsets].map(({ topic }) => topic);
    await this.topics.learn(named);
    await this.topics.learn(placesIn(whole));
    for (const topic of named)
      if (!this.topics.knows(topic)) throw new EngineError(ENGINE, 'fatal', `there is no topic ${topic}`);
    await this.link.write(packEffects(whole, this.topics), independent);
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
