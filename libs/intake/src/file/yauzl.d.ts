/** What of yauzl 3 is used here; the package ships no types. */
declare module 'yauzl' {
  import { type Readable } from 'node:stream';
  export interface Entry {
    readonly fileName: string;
    readonly fileNameRaw: Uint8Array;
    readonly generalPurposeBitFlag: number;
    readonly extraFields: readonly { readonly id: number }[];
    readonly compressedSize: number;
    readonly uncompressedSize: number;
    readonly crc32: number;
    isEncrypted(): boolean;
  }
  export interface ZipFile {
    eachEntry(): AsyncIterableIterator<Entry>;
    openReadStreamPromise(entry: Entry): Promise<Readable>;
    close(): void;
  }
  export function openPromise(path: string, options: { autoClose: boolean; lazyEntries: boolean }): Promise<ZipFile>;
}
