import { isUtf8 } from 'node:buffer';

/** A line without its line feed; or its bytes, where they cannot be text. */
export type Line = string | BrokenLine;
export interface BrokenLine {
  readonly bytes: Uint8Array;
  /** What is true of the line: `is not valid utf-8`. */
  readonly fault: string;
  /** How many quotes stood in what was not kept of it: they say whether a field is still open behind it. */
  readonly quotesLost: number;
}

/** Why a record of this one line is broken. */
export const reasonOf = ({ fault }: BrokenLine): string => `the line ${fault}`;

export const longestLine_bytes = 1 << 20;
const keptOfOverlong_bytes = 1 << 16;

/**
 * Cuts bytes into lines, a chunk's worth at a time. A line that is not valid in the encoding, or is longer than a
 * megabyte, comes as bytes with its fault (of an overlong one, its first 64 KiB), and reading goes on behind it.
 */
export class LineCutter {
  private carry: Buffer[] = [];
  private carried_bytes = 0;
  /** An overlong line of which the rest is being skipped. */
  private overlong: { readonly bytes: Uint8Array; quotes: number } | null = null;
  private begun = false;
  private readonly decoder: InstanceType<typeof TextDecoder> | null;

  /** @param quote a character that is counted in what is not kept */
  constructor(
    private readonly encoding: string,
    private readonly quote: string | null = null,
  ) {
    this.decoder = /^utf-?8$/i.test(encoding) ? null : new TextDecoder(encoding, { fatal: true });
  }

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let rest = chunk;
    if (this.overlong) {
      const end = rest.indexOf(10);
      this.overlong.quotes += this.quotesIn(end < 0 ? rest : rest.subarray(0, end));
      if (end < 0) return lines;
      this.endOverlong(lines);
      rest = rest.subarray(end + 1);
    }
    const last = rest.lastIndexOf(10);
    if (last >= 0) {
      this.carry.push(rest.subarray(0, last));
      this.cut(Buffer.concat(this.carry), lines);
      this.carry = [];
      this.carried_bytes = 0;
      rest = rest.subarray(last + 1);
    }
    if (rest.length > 0) {
      this.carry.push(rest);
      this.carried_bytes += rest.length;
    }
    if (this.carried_bytes > longestLine_bytes) {
      const begun = Buffer.concat(this.carry);
      this.overlong = {
        bytes: Uint8Array.from(begun.subarray(0, keptOfOverlong_bytes)),
        quotes: this.quotesIn(begun.subarray(keptOfOverlong_bytes)),
      };
      this.carry = [];
      this.carried_bytes = 0;
    }
    return lines;
  }

  /** What stands behind the last line feed; `null`: nothing. */
  rest(): Line | null {
    const lines: Line[] = [];
    this.endOverlong(lines);
    if (this.carried_bytes === 0) return lines[0] ?? null;
    this.cut(Buffer.concat(this.carry), lines);
    this.carry = [];
    this.carried_bytes = 0;
    return lines[0] ?? null;
  }

  /** `region`: whole lines, without the last line feed. */
  private cut(region: Buffer, lines: Line[]): void {
    if (!this.begun) {
      this.begun = true;
      if (region[0] === 0xef && region[1] === 0xbb && region[2] === 0xbf) region = region.subarray(3);
    }
    const text = this.textOf(region);
    if (text !== null) {
      for (let from = 0; ;) {
        const end = text.indexOf('\n', from);
        lines.push(end < 0 ? text.slice(from) : text.slice(from, end));
        if (end < 0) return;
        from = end + 1;
      }
    }
    for (let from = 0; ;) {
      const end = region.indexOf(10, from);
      const bytes = region.subarray(from, end < 0 ? undefined : end);
      lines.push(
        this.textOf(bytes) ?? {
          bytes: Uint8Array.from(bytes),
          fault: `is not valid ${this.encoding}`,
          quotesLost: 0,
        },
      );
      if (end < 0) return;
      from = end + 1;
    }
  }

  private endOverlong(lines: Line[]): void {
    if (!this.overlong) return;
    const { bytes, quotes } = this.overlong;
    this.overlong = null;
    lines.push({
      bytes,
      fault: `is longer than ${longestLine_bytes} bytes; its first ${keptOfOverlong_bytes} are kept`,
      quotesLost: quotes,
    });
  }

  private quotesIn(bytes: Buffer): number {
    if (this.quote === null) return 0;
    let count = 0;
    for (let at = bytes.indexOf(this.quote); at >= 0; at = bytes.indexOf(this.quote, at + 1)) count++;
    return count;
  }

  private textOf(bytes: Buffer): string | null {
    if (!this.decoder) return isUtf8(bytes) ? bytes.toString('utf8') : null;
    try {
      return this.decoder.decode(bytes);
    } catch {
      return null;
    }
  }
}
