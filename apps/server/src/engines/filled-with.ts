import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createFile } from '../access/replace-file.js';
import { type EngineSettings, SettingRefused } from './settings.js';

/**
 * What the contents of a data folder hang on. Positions in one log mean nothing in another: what waits there would be
 * passed over without a word; events without their keys read as if everybody had been erased.
 */
interface FilledWith {
  readonly log: string;
  readonly events: string;
  readonly keys: string;
}

const settingOf = { log: 'TRIBUTARY_LOG_URL', events: 'TRIBUTARY_EVENTS_URL', keys: 'TRIBUTARY_KEYS_URL' } as const;
const EMBEDDED = 'embedded';

/**
 * `<data>/engines.json`, made at the first start. Another start with other engines is refused before it changes anything.
 * Not by address: engines may move. A Kafka cluster has an id of its own, of the others the kind must do.
 *
 * @param kafka which log it is, as `KafkaLog.identity` says it; `null`: it is embedded
 * @throws SettingRefused naming the setting that is not as it was
 */
export const requireSameEngines = async (
  dataDir: string,
  { eventsUrl, keysUrl }: Pick<EngineSettings, 'eventsUrl' | 'keysUrl'>,
  kafka: string | null,
): Promise<void> => {
  const now: FilledWith = {
    log: kafka ?? EMBEDDED,
    events: eventsUrl === undefined ? EMBEDDED : 'EventStoreDB',
    keys: keysUrl === undefined ? EMBEDDED : 'Redis',
  };
  const file = join(dataDir, 'engines.json');
  const before = await read(file);
  if (before === undefined) return void (await createFile(file, `${JSON.stringify(now, null, 2)}\n`));
  for (const part of ['log', 'events', 'keys'] as const)
    if (before[part] !== now[part])
      throw new SettingRefused(
        settingOf[part],
        `${dataDir} was filled with another engine (${before[part]}, now ${now[part]}): set it as it was, or begin with another folder`,
      );
};

const read = async (file: string): Promise<FilledWith | undefined> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const { log, events, keys } = JSON.parse(text) as FilledWith;
    if ([log, events, keys].every((part) => typeof part === 'string')) return { log, events, keys };
  } catch {
    // As damaged as one with something missing.
  }
  throw new Error(`${file} is damaged: remove it, and start with the engines that the folder was filled with`);
};
