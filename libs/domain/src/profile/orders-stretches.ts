import { type Keyed } from './keyed.js';
import { type OrderState } from './state.js';

/** Who has fewer is written as a whole. */
const MANY = 1_000;
/** A stretch is written anew as a whole, and cut when it has grown to twice as many. */
const STRETCH = 256;

/** The text of neighbouring orders; it begins with the first whose id is not before `first`. */
interface Stretch {
  readonly first: string;
  readonly bytes: Uint8Array;
}

interface Written {
  readonly stretches: readonly Stretch[];
  /** Ids of orders that changed since. */
  readonly changed: Set<string>;
}

/**
 * The text of what changed last of very many orders is made anew with each of their touchpoints; that of all others is kept, as
 * long as the list itself is.
 */
const written = new WeakMap<Keyed<OrderState>, Written>();

/** To be called before an order of the list changes, or comes to it. */
export const orderChanges = (orders: Keyed<OrderState>, orderId: string): void => {
  if (orders.length >= MANY) written.get(orders)?.changed.add(orderId);
};

/** Whether the list is long enough to be written by `writeStretches`. */
export const areMany = (orders: Keyed<OrderState>): boolean => orders.length >= MANY;

/** Entries are separated by commas within a stretch, and stretches by whoever writes them. */
export interface StretchWriter {
  /** Writes the entries from one place to before another, and answers a copy of what it wrote. */
  readonly anew: (from: number, to: number) => Uint8Array;
  /** What was written of other entries before holds. */
  readonly again: (bytes: Uint8Array) => void;
}

/** Writes all entries, stretch by stretch. */
export const writeStretches = (orders: Keyed<OrderState>, { anew, again }: StretchWriter): void => {
  const before = written.get(orders);
  const stretches: Stretch[] = [];
  const write = (from: number, to: number): void => {
    const pieces = to - from < 2 * STRETCH ? 1 : Math.floor((to - from) / STRETCH);
    for (let i = 0; i < pieces; i++) {
      const begin = from + Math.floor(((to - from) * i) / pieces);
      const end = from + Math.floor(((to - from) * (i + 1)) / pieces);
      stretches.push({ first: (orders[begin] as [string, OrderState])[0], bytes: anew(begin, end) });
    }
  };
  if (before) {
    const stale = new Set<number>();
    for (const id of before.changed) stale.add(Math.max(0, firstBehind(before.stretches, id) - 1));
    for (const [i, kept] of before.stretches.entries()) {
      const next = before.stretches[i + 1];
      if (stale.has(i))
        write(i === 0 ? 0 : placeOf(orders, kept.first), next ? placeOf(orders, next.first) : orders.length);
      else {
        again(kept.bytes);
        stretches.push(kept);
      }
    }
  } else write(0, orders.length);
  written.set(orders, { stretches, changed: new Set() });
};

/** Which of the stretches is the first that begins behind an id. */
const firstBehind = (stretches: readonly Stretch[], id: string): number => {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle] as Stretch).first <= id) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Where the first order stands whose id is not before `first`. */
const placeOf = (orders: Keyed<OrderState>, first: string): number => {
  let low = 0;
  let high = orders.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((orders[middle] as [string, OrderState])[0] < first) low = middle + 1;
    else high = middle;
  }
  return low;
};
