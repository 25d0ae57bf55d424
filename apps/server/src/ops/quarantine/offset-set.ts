/** Offsets of one page, a bit each. */
const PAGE = 4_096;
const WORD_BITS = 32;

interface Page {
  readonly words: Uint32Array;
  /** How many of its offsets are in the set. */
  held: number;
}

/**
 * A set of offsets, in pages of bits: in whatever order hundreds of thousands are dealt with, the next costs no more than the
 * first, and a page that is whole, or empty, is passed over at once.
 */
export class OffsetSet {
  readonly #pages = new Map<number, Page>();
  /** Behind the greatest of them. */
  #end = 0;

  has(offset: number): boolean {
    const page = this.#pages.get(pageOf(offset));
    return page !== undefined && isIn(page, offset);
  }

  add(offset: number): void {
    const number = pageOf(offset);
    let page = this.#pages.get(number);
    if (!page) this.#pages.set(number, (page = { words: new Uint32Array(PAGE / WORD_BITS), held: 0 }));
    if (isIn(page, offset)) return;
    const at = offset % PAGE;
    page.words[at >>> 5] = (page.words[at >>> 5] as number) | (1 << (at & 31));
    page.held += 1;
    this.#end = Math.max(this.#end, offset + 1);
  }

  /** How many of them lie from `begin` on and before `end`. */
  count(begin: number, end: number): number {
    const behind = Math.min(end, this.#end);
    let count = 0;
    for (let from = begin; from < behind; from = pageBehind(from)) {
      const page = this.#pages.get(pageOf(from));
      if (!page) continue;
      const to = pageBehind(from);
      if (from % PAGE === 0 && to <= behind) count += page.held;
      else for (let offset = from; offset < Math.min(to, behind); offset++) if (isIn(page, offset)) count += 1;
    }
    return count;
  }

  /** The first offset from `offset` on that is not in the set. */
  firstWithout(offset: number): number {
    for (let from = offset; ; from = pageBehind(from)) {
      const page = this.#pages.get(pageOf(from));
      if (!page) return from;
      if (page.held === PAGE) continue;
      for (let each = from; each < pageBehind(from); each++) if (!isIn(page, each)) return each;
    }
  }

  /** The first offset from `offset` on that is in the set; `undefined`: none. */
  firstWithin(offset: number): number | undefined {
    for (let from = offset; from < this.#end; from = pageBehind(from)) {
      const page = this.#pages.get(pageOf(from));
      if (page) for (let each = from; each < pageBehind(from); each++) if (isIn(page, each)) return each;
    }
    return undefined;
  }
}

const pageOf = (offset: number): number => Math.floor(offset / PAGE);

const pageBehind = (offset: number): number => (pageOf(offset) + 1) * PAGE;

const isIn = ({ words }: Page, offset: number): boolean => {
  const at = offset % PAGE;
  return (((words[at >>> 5] as number) >>> (at & 31)) & 1) === 1;
};
