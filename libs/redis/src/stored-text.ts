import { EngineError, type StoredDocument } from '@tributary/kernel';
import { ENGINE } from './redis-url.js';

/** As many as the largest safe integer has: texts of equal length compare like the numbers. */
const DIGITS = 16;
const LIVES = '+';
const DELETED = '-';

/** A version and a body in one string: version, whether there is a body, body. A deleted document is a version alone. */
export const storedText = (version: number, body: string | null): string => {
  if (!Number.isSafeInteger(version) || version < 0)
    throw new EngineError(ENGINE, 'fatal', `a document's version is a position, not ${version}`);
  const digits = String(version).padStart(DIGITS, '0');
  return body === null ? `${digits}${DELETED}` : `${digits}${LIVES}${body}`;
};

export const storedDocument = (key: string, text: string | null | undefined): StoredDocument | undefined =>
  text == null || text[DIGITS] !== LIVES
    ? undefined
    : { key, version: Number(text.slice(0, DIGITS)), body: text.slice(DIGITS + 1) };
