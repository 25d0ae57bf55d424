import { EngineError } from '../errors.js';

/**
 * What befalls one step of a call: `before`: nothing of it happened; `after`: it happened, and the answer is lost.
 * A promise that is not resolved yet is a pause: meanwhile the world goes on.
 */
export type Fault = 'none' | 'before' | 'after';

export interface Faults {
  /** Asked before each step, with the engine's and the method's name. */
  at(step: string): Fault | Promise<Fault>;
}

export const noFaults: Faults = { at: () => 'none' };

/** Calls whose first argument is a list of things that are each atomic, and not together. */
const stepwise: ReadonlySet<PropertyKey> = new Set(['append', 'put', 'replace', 'markSeen']);
/** Calls that answer at once. */
const immediate: ReadonlySet<PropertyKey> = new Set(['consume', 'commitNow', 'appendNow']);

/** The engine, seen through a network: for specs of whatever has to be right though any call may fail half-way. */
export const withFaults = <T extends object>(engine: T, name: string, faults: Faults): T =>
  new Proxy(engine, {
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function' || immediate.has(key))
        return typeof value === 'function' ? value.bind(target) : value;
      const step = async (...args: readonly unknown[]): Promise<unknown> => {
        const where = `${name}.${String(key)}`;
        const fault = await faults.at(where);
        if (fault === 'before') throw new EngineError(name, 'retriable', `${where} was not reached`);
        const answer: unknown = await value.apply(target, args);
        if (fault === 'after') throw new EngineError(name, 'unknown', `the answer of ${where} was lost`);
        return answer;
      };
      if (!stepwise.has(key)) return step;
      return async (items: readonly unknown[], ...rest: readonly unknown[]): Promise<unknown> => {
        if (items.length < 2) return step(items, ...rest);
        let answer: unknown;
        for (const item of items) answer = await step([item], ...rest);
        return answer;
      };
    },
  });

/** One process that has died: whatever it still tries is in vain. */
export class Mortal implements Faults {
  #dead = false;

  /** `fault` says what happens at each step; after the first that is not `none` the process is dead. */
  constructor(private readonly fault: (step: string) => Fault | Promise<Fault>) {}

  get dead(): boolean {
    return this.#dead;
  }

  async at(step: string): Promise<Fault> {
    if (this.#dead) return 'before';
    const fault = await this.fault(step);
    if (this.#dead) return 'before';
    if (fault !== 'none') this.#dead = true;
    return fault;
  }
}
