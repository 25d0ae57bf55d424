import { type QuarantinedItem } from '../http/api.js';

/** Why an item could not be understood, in one line. Of a row that the reader refused, `found` is the whole of it. */
export const reasonText = ({ field, found, expected }: QuarantinedItem['reason']): string => {
  if (field === '' && expected === '') return found;
  return [field, found === '' ? '' : `found ${found}`, expected === '' ? '' : `expected ${expected}`]
    .filter((part) => part !== '')
    .join(', ')
    .replace(/^([^,]+), found /, '$1: found ');
};

const LONGEST = 140;

/** The same for a table: some lists of what is expected would fill a screen, and `quarantine show` has them whole. */
export const reasonGist = (reason: QuarantinedItem['reason']): string => {
  const text = reasonText(reason);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST - 1)}…`;
};
