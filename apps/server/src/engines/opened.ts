import { type Logger } from 'pino';

/** What is open, closed in the opposite order; a close that fails does not keep the rest open. */
export class Opened {
  readonly #closers: { readonly name: string; readonly close: () => Promise<void> }[] = [];
  #closing: Promise<void> | undefined;

  constructor(readonly logger: Logger) {}

  add<T>(name: string, it: T, close: (it: T) => Promise<void>): T {
    this.#closers.push({ name, close: () => close(it) });
    return it;
  }

  close(): Promise<void> {
    return (this.#closing ??= this.#closeAll());
  }

  async #closeAll(): Promise<void> {
    for (const { name, close } of this.#closers.reverse())
      await close().catch((error: unknown) => this.logger.error({ err: error }, `${name} did not close well`));
  }
}
