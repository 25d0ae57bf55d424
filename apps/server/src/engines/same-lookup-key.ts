import { createHmac } from 'node:crypto';
import { SettingRefused } from './settings.js';
import { type MarkedLog, sharedMark } from './shared-mark.js';

/**
 * Two processes that hash identifiers with different keys make two customers of each person, for good: facts never move.
 * So the first that starts leaves a mark of its key in the log, which says nothing of the key itself, and one with another
 * key is refused.
 */
export const requireSameLookupKey = async (log: MarkedLog, lookupKey: Uint8Array): Promise<void> => {
  const mark = createHmac('sha256', lookupKey).update('tributary: mark of a lookup key').digest('hex').slice(0, 32);
  if ((await sharedMark(log, 'lookup-key', mark)) === mark) return;
  throw new SettingRefused(
    'TRIBUTARY_LOOKUP_KEY',
    'is another than the one that this log began with: each person would become two customers; give all processes the first',
  );
};
