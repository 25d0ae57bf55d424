import { isUtf8 } from 'node:buffer';

/** A line without its line feed; or its bytes, where they cannot be text. */
export type Line = string | BrokenLine;
export interface BrokenLine {
  readonly bytes: Uint8Array;
  readonly reason: string;
}

export const longestLine_bytes = 1 << 20;
const keptOfOverlong_bytes = 1 << 16;

/**
 * Cuts bytes into lines, a chunk's worth at a time. A line that is not valid in the encoding, or is longer than a
 * megabyte, comes as bytes with the reason (of an overlong one, its first 64 KiB), and reading goes on behind it.
 */
export class LineCutter {
  private carry: Buffer[] = [];
  private carried_bytes = 0;
  /** Skipping the rest of an overlong line. */
  private skipping = false;
  private begun = false;
  private readonly decoder: InstanceType<typeof TextDecoder> | null;

  constructor(private readonly encoding: string) {
    this.decoder = /^utf-?8$/i.test(encoding) ? null : new TextDecoder(encoding, { fatal: true });
  }

  push(chunk: Buffer): readonly Line[] {
    const lines: Line[] = [];
    let rest = chunk;
    if (this.skipping) {
      const end = rest.indexOf(10);
      if (end < 0) return lines;
      this.skipping = false;
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
      lines.push(overlong(Buffer.concat(this.carry)));
      this.carry = [];
      this.carried_bytes = 0;
      this.skipping = true;
    }
    return lines;
  }

  /** What stands behind the last line feed; `null`: nothing. */
  rest(): Line | null {
    if (this.carried_bytes === 0) return null;
    const lines: Line[] = [];
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
        this.textOf(bytes) ?? { bytes: Uint8Array.from(bytes), reason: `the line is not valid ${this.encoding}` },
      );
      if (end < 0) return;
      from = end + 1;
    }
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

const overlong = (bytes: Buffer): BrokenLine => ({
  bytes: Uint8Array.from(bytes.subarray(0, keptOfOverlong_bytes)),
  reason: `the line is longer than ${longestLine_bytes} bytes; its first ${keptOfOverlong_bytes} are kept`,
});
