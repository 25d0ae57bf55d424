export interface Chance {
  below(n: number): number;
  /** Both ends included. */
  between(low: number, high: number): number;
  happens(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
  shuffle<T>(list: T[]): T[];
  apart(name: string): Chance;
}

export const chanceOf: (seed: number) => Chance;
