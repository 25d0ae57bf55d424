/** Tables are rebuilt beside those in use: `live` are those that readers see. */
export type Side = 'live' | 'shadow';

const SUFFIX = '__next';

export const storedName = (table: string, side: Side): string => (side === 'live' ? table : `${table}${SUFFIX}`);
export const specName = (stored: string): string =>
  stored.endsWith(SUFFIX) ? stored.slice(0, -SUFFIX.length) : stored;
