import { isUtf8 } from 'node:buffer';
import { SourceMismatch } from './source-damaged.js';

/** Of a first line that cannot be read as a header: mostly it is in another encoding than the channel file states. */
export const noHeader = (path: string, encoding: string, bytes: Uint8Array, reason: string): SourceMismatch => {
  const likely = reason.includes('is not valid') ? likelyEncoding(bytes) : null;
  return new SourceMismatch(
    path,
    `has no header that can be read: ${reason}`,
    likely === null
      ? 'Is it the right file, delimiter and encoding?'
      : `It may be ${likely}: state \`encoding: ${likely}\` in the channel file in place of ${encoding}, or save the file as ${encoding}.`,
  );
};

/** Excel in China saves a CSV as GB18030 unless told otherwise. */
const likelyEncoding = (bytes: Uint8Array): string | null => {
  if (isUtf8(bytes)) return 'utf-8';
  try {
    new TextDecoder('gb18030', { fatal: true }).decode(bytes);
    return 'gb18030';
  } catch {
    return null;
  }
};
