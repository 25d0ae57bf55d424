import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '@tributary/kernel';

/** What a lost file costs, and so why no new one may take its place. */
const costOf = {
  'secrets.json':
    'without the keys in it nothing of what is stored about people can be read, and each would become another',
  'keys.db': 'without the keys in it everybody would read as erased',
  'tributary.db': 'it holds the log, the events and the profiles',
} as const;
type Part = keyof typeof costOf;

/**
 * A data folder of which a file was lost, or that was restored in part, is refused before anything is made in it: each of these
 * files would be made anew without a word, and what is sealed could not be read any more. A first start that was cut short has
 * made them in this order, and the marks of a whole one (`engines.json`, `clickhouse/`) after them.
 *
 * @param secretsGiven by settings, so that the folder needs none of its own
 * @throws EngineError (fatal) naming the file
 */
export const requireWholeFolder = async (dataDir: string, secretsGiven: boolean): Promise<void> => {
  const isThere = async (name: string): Promise<boolean> => {
    const found = await stat(join(dataDir, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    return found !== undefined && (found.isDirectory() || found.size > 0);
  };
  const [secrets, store, keys, engines, tables] = await Promise.all(
    ['secrets.json', 'tributary.db', 'keys.db', 'engines.json', 'clickhouse'].map(isThere),
  );
  const wasWhole = engines || tables;
  if (!secrets && !secretsGiven && (store || keys)) throw lost(dataDir, 'secrets.json', SECRETS_SET);
  if (!store && (wasWhole || keys)) throw lost(dataDir, 'tributary.db');
  if (!keys && wasWhole) throw lost(dataDir, 'keys.db');
};

const SECRETS_SET = ', or set TRIBUTARY_MASTER_KEY and TRIBUTARY_LOOKUP_KEY, if it was filled with those';

const lost = (dataDir: string, part: Part, or = ''): EngineError =>
  new EngineError(
    'data folder',
    'fatal',
    `${join(dataDir, part)} is missing or empty: ${costOf[part]}; restore it from a backup${or}, or begin with another folder`,
  );
