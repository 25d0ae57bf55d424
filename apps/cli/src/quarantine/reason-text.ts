import { type QuarantinedItem } from '../http/api.js';

/** Why an item could not be understood, in one line. */
export const reasonText = ({ field, found, expected }: QuarantinedItem['reason']): string =>
  [field, found === '' ? '' : `found ${found}`, expected === '' ? '' : `expected ${expected}`]
    .filter((part) => part !== '')
    .join(', ')
    .replace(/^([^,]+), found /, '$1: found ');
