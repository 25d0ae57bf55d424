/** The part of cli-progress that is used here; the package brings no types. */
declare module 'cli-progress' {
  export interface BarParameters {
    readonly progress: number;
    /** Seconds, or `NULL`/`INF` as text while it is not known. */
    readonly eta: number | string;
    readonly barsize?: number;
  }
  export interface BarOptions {
    readonly format?:
      string | ((options: unknown, parameters: BarParameters, payload: Readonly<Record<string, unknown>>) => string);
    readonly stream?: NodeJS.WritableStream;
    readonly fps?: number;
    readonly hideCursor?: boolean;
    readonly clearOnComplete?: boolean;
    readonly etaBuffer?: number;
    readonly noTTYOutput?: boolean;
  }
  export class SingleBar {
    constructor(options: BarOptions);
    start(total: number, value: number, payload?: Readonly<Record<string, unknown>>): void;
    update(value: number, payload?: Readonly<Record<string, unknown>>): void;
    setTotal(total: number): void;
    stop(): void;
  }
  const cliProgress: { readonly SingleBar: typeof SingleBar };
  export default cliProgress;
}
