import { DAY_MS } from '@tributary/kernel';

/** How long input and what was put aside of it are kept at least, unless told: they hold personal data as it came. */
export const RETENTION_MS = 7 * DAY_MS;
