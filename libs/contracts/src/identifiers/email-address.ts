import { domainToUnicode } from 'node:url';

// The part before @ as RFC 5322's dot-atom, widened to letters of all scripts; the domain as labels.
const address =
  /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*@(?:[\p{L}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{N}][\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u;

/** A bare e-mail address in lower case, its domain in its own script; `undefined` if it is none. */
export const readEmail = (text: string): string | undefined => {
  const value = text
    .replace(/^mailto:/i, '')
    .replace(/[\s,;、]+$/, '')
    .toLowerCase()
    .normalize('NFKC');
  const at = value.lastIndexOf('@');
  if (at < 1) return undefined;
  // A Chinese keyboard's full stop separates labels, too (RFC 3490).
  const domain = value.slice(at + 1).replaceAll('。', '.');
  const written = `${value.slice(0, at + 1)}${domain.includes('xn--') ? inItsScript(domain) : domain}`;
  return written.length <= 254 && address.test(written) ? written : undefined;
};

/** Programs write 例子.com as xn--fsqu00a.com, people do not; what is no valid Punycode stays as it is. */
const inItsScript = (domain: string): string =>
  domainToUnicode(domain).toLowerCase().normalize('NFKC').replaceAll('。', '.') || domain;
