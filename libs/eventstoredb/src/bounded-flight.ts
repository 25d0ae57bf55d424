/** At most so many appends and bytes on the wire at once; the rest waits its turn, in order. */
export class BoundedFlight {
  readonly #waiting: { readonly size_bytes: number; readonly start: () => void }[] = [];
  #flying = 0;
  #flying_bytes = 0;

  constructor(
    readonly max: number,
    readonly max_bytes: number,
  ) {}

  async run<T>(size_bytes: number, task: () => Promise<T>): Promise<T> {
    if (this.#waiting.length > 0 || !this.#fits(size_bytes))
      await new Promise<void>((start) => this.#waiting.push({ size_bytes, start }));
    else this.#add(1, size_bytes);
    try {
      return await task();
    } finally {
      this.#add(-1, -size_bytes);
      this.#next();
    }
  }

  // One alone always fits, whatever its size.
  #fits(size_bytes: number): boolean {
    return this.#flying === 0 || (this.#flying < this.max && this.#flying_bytes + size_bytes <= this.max_bytes);
  }

  #add(count: number, size_bytes: number): void {
    this.#flying += count;
    this.#flying_bytes += size_bytes;
  }

  #next(): void {
    for (let first = this.#waiting[0]; first && this.#fits(first.size_bytes); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#add(1, first.size_bytes);
      first.start();
    }
  }
}
