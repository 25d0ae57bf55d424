import { SettingRefused } from './settings.js';
import { type MarkedLog, sharedMark } from './shared-mark.js';

/**
 * What one process seals with keys of another vault reads, to all others, as if its people had been erased; and so does everything
 * that was sealed before, where a vault is empty. So the first that starts leaves a mark of its vault in the log, and one with another
 * is refused, or with the same that was emptied. One that was restored from a backup is the same.
 */
export const requireSameVault = async (log: MarkedLog, identity: string): Promise<void> => {
  if ((await sharedMark(log, 'vault', identity)) === identity) return;
  throw new SettingRefused(
    'TRIBUTARY_KEYS_URL',
    'leads to another vault than the one that this log began with, or to that one emptied: what was sealed with the keys of the first ' +
      'reads as erased. Give all processes the first, or restore its backup; if it is lost for good: docs/guide/running.md',
  );
};
