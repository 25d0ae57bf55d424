import { type Chance } from './chance.js';
import { type Person } from './people.js';
import { catalogue } from './words.js';

interface BasketLine {
  readonly productId: string;
  readonly name: string;
  readonly category: string;
  readonly quantity: number;
  readonly unitPrice: string;
  readonly amount: string;
  readonly [key: string]: string | number;
}

export interface Basket {
  readonly lines: readonly [BasketLine, ...BasketLine[]];
  /** Fen. */
  readonly total: number;
}

/** 12345 fen → "123.45". */
export const fenText = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;

/** What somebody buys in one go: mostly of the favourite category, priced as the purse allows. */
export const basketOf = (person: Person, c: Chance): Basket => {
  let total = 0;
  const line = (): BasketLine => {
    const [category, products] = c.happens(0.65) ? person.favourite : c.pick(catalogue);
    const [productId, name, least, most] = c.pick(products);
    const within = Math.min(1, c.next() * (0.25 + person.purse / 4));
    const price = Math.round((least + within * (most - least)) / 100) * 100 - 10;
    const quantity =
      c.weighted([
        [1, 75],
        [2, 18],
        [3, 7],
      ]) + Math.floor(c.next() * (person.purse / 2.5));
    total += price * quantity;
    return { productId, name, category, quantity, unitPrice: fenText(price), amount: fenText(price * quantity) };
  };
  const first = line();
  const more = Array.from(
    {
      length:
        c.weighted([
          [0, 55],
          [1, 25],
          [2, 14],
          [3, 6],
        ]) + Math.floor(person.purse / 3),
    },
    line,
  );
  return { lines: [first, ...more], total };
};
