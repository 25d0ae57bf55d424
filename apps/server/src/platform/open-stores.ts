import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Embedded, openEmbedded } from '@tributary/embedded';
import { AccessKeys } from '../access/access-keys.js';
import { Engines } from '../engines/engines.js';
import { requireSameEngines } from '../engines/filled-with.js';
import { isFused, type Mixed, mixEngines } from '../engines/mixed.js';
import { patiently } from '../engines/patiently.js';
import { type EngineSettings } from '../engines/settings.js';
import { sweepScratch } from './scratch.js';
import { openSecrets, type Secrets } from './secrets.js';
import { type Start } from './start.js';
import { requireWholeFolder } from './whole-folder.js';

/** What the platform keeps, and the keys to it. */
export interface Stores extends Mixed {
  /** The data folder's own store; `store` where no engine has a URL. */
  readonly own: Embedded;
  /** Whether one transaction holds all that the pipeline writes. */
  readonly fused: boolean;
  readonly secrets: Secrets;
  /** With the secrets that the folder holds, where none were given. */
  readonly engines: EngineSettings;
  readonly keys: AccessKeys;
  /** Opens every door while this process runs. */
  readonly token: string;
}

/** Opens the data folder and the engines beside it. One that lost a file, or was filled with other engines, is refused. */
export const openStores = async ({
  dataDir,
  settings,
  quota_bytes,
  clock,
  opened,
  logger,
  signal,
  onWait,
}: Start): Promise<Stores> => {
  await requireWholeFolder(dataDir, settings.masterKey !== undefined);
  const secrets = await openSecrets(dataDir, settings);
  // The store first: it takes the folder's lock.
  const own = opened.add(
    'store',
    await openEmbedded({
      dir: dataDir,
      masterKey: secrets.masterKey,
      reads: 'thread',
      clock,
      ...(quota_bytes === undefined ? {} : { quota_bytes }),
    }),
    (it) => it.close(),
  );
  await sweepScratch(dataDir, true);
  const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), clock);
  const token = randomBytes(32).toString('hex');
  keys.admit(token, { kind: 'role', role: 'admin' });

  const engines = new Engines({ ...settings, ...secrets }, opened, logger, 'tributary', signal, undefined, onWait);
  const mixed = await mixEngines(own, engines);
  const { kafka } = mixed;
  await requireSameEngines(dataDir, settings, kafka && (await patiently(() => kafka.identity(), { signal })));
  return { ...mixed, own, fused: isFused(settings), secrets, engines: engines.settings, keys, token };
};
