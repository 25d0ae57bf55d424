import { ChannelFileError } from './errors.js';
import { nearest } from '@tributary/contracts';

/** A node of a channel file that knows where it stands, so that every complaint can name the place. */
export class Spec {
  constructor(
    readonly value: unknown,
    readonly path: string,
    private readonly file: string,
  ) {}

  fail(problem: string, remedy: string): never {
    throw new ChannelFileError(this.file, this.path, problem, remedy);
  }

  get isMap(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value);
  }
  get isList(): boolean {
    return Array.isArray(this.value);
  }
  get isAbsent(): boolean {
    return this.value === undefined;
  }

  keys(): readonly string[] {
    if (!this.isMap) this.fail('must be a mapping', 'Write `key: value` lines, indented below it.');
    return Object.keys(this.value as object);
  }

  at(key: string): Spec {
    const map = this.isMap ? (this.value as Record<string, unknown>) : {};
    return new Spec(map[key], this.path === '' ? key : `${this.path}.${key}`, this.file);
  }

  items(): readonly Spec[] {
    if (!Array.isArray(this.value)) this.fail('must be a list', 'Write `- item` lines, or [a, b].');
    return this.value.map((item: unknown, i) => new Spec(item, `${this.path}[${i}]`, this.file));
  }

  /** Refuses keys that mean nothing: a misspelt one would be skipped in silence otherwise. */
  only(...allowed: readonly string[]): this {
    for (const key of this.keys()) {
      if (allowed.includes(key)) continue;
      const guess = nearest(key, allowed);
      this.at(key).fail(
        'is not known here',
        guess ? `Did you mean \`${guess}\`?` : `Known are: ${allowed.join(', ')}.`,
      );
    }
    return this;
  }

  text(): string {
    if (typeof this.value !== 'string' || this.value === '')
      this.fail(
        this.isAbsent ? 'is missing' : 'must be text',
        'Write some text; quote it if YAML takes it for a number.',
      );
    return this.value as string;
  }
  textOr<T>(otherwise: T): string | T {
    return this.isAbsent ? otherwise : this.text();
  }

  flagOr(otherwise: boolean): boolean {
    if (this.isAbsent) return otherwise;
    if (typeof this.value !== 'boolean') this.fail('must be true or false', 'Write true or false, without quotes.');
    return this.value as boolean;
  }

  /** A whole number of at least 1. */
  countOr(otherwise: number, most: number): number {
    if (this.isAbsent) return otherwise;
    const n = this.value;
    if (typeof n !== 'number' || !Number.isInteger(n) || n < 1 || n > most)
      this.fail('must be a whole number', `Write one from 1 to ${most}.`);
    return n as number;
  }

  choiceOr<T extends string>(choices: readonly T[], otherwise: T): T {
    if (this.isAbsent) return otherwise;
    const choice = choices.find((c) => c === this.value);
    if (choice === undefined) this.fail('is not one of the choices', `Write one of: ${choices.join(', ')}.`);
    return choice as T;
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.scalar());
  }
  textsOrNone(): readonly string[] {
    return this.isAbsent ? [] : this.texts();
  }

  /** Text, or a number or truth value taken as the text that it is written as. */
  scalar(): string {
    const v = this.value;
    if (typeof v === 'string') return v;
    if (typeof v === 'number' || typeof v === 'boolean') return String(v);
    return this.fail('must be a plain value', 'Write text, a number, true or false.');
  }
}
