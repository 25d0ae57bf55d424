import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Offsets that were replayed before the server itself could tell: until then the command noted them beside the data. What was
 * mended and sent under another message id would else be had a second time.
 */
export const notedReplays = async (notesDir: string, channel: string): Promise<ReadonlySet<number>> => {
  const text = await readFile(join(notesDir, 'imports', `replayed-${channel}.json`), 'utf8').catch(() => '[]');
  try {
    const noted: unknown = JSON.parse(text);
    return new Set((Array.isArray(noted) ? noted : []).filter((each): each is number => typeof each === 'number'));
  } catch {
    return new Set();
  }
};
