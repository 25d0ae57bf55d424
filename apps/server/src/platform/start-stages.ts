import {
  type Catalogue,
  type Identify,
  loadIdentityRules,
  loadLifecycleRules,
  makeIdentify,
  openCatalogue,
} from '@tributary/contracts';
import { documentsNear, type NearDocuments } from '@tributary/embedded';
import { openProfiles, openToday, type Profiles } from '@tributary/query';
import { type KeptRelay, keepRelay } from './keep-relay.js';
import { outboxOf } from '../engines/mixed.js';
import { type OpenChannels } from './open-channels.js';
import { type Stores } from './open-stores.js';
import { type PipelineThread, startPipelineThread } from './pipeline-thread.js';
import { nearReach, readNear } from './near-reads.js';
import { profilesWorker, type ProfilesThread, startProfilesThread } from './profiles-thread.js';
import { type Start } from './start.js';
import { startWarehouseSide, type WarehouseSide } from './warehouse-side.js';

/** What works on the stores behind the doors. */
export interface Stages {
  readonly catalogue: Catalogue;
  readonly identify: Identify;
  readonly profiles: Profiles;
  /** `null`: profiles are read over the network, which holds up no thread. */
  readonly readers: ProfilesThread | null;
  readonly warehouse: WarehouseSide;
  readonly pipeline: PipelineThread;
  /** `null`: nothing is copied to another log. */
  readonly relay: KeptRelay | null;
}

const near = ({ dataDir, opened }: Start): NearDocuments =>
  opened.add('near documents', documentsNear(dataDir, nearReach), async (it) => it.close());

/** They stop in the opposite order: the pipeline finishes its batch before the warehouse flushes what it has. */
export const startStages = async (start: Start, stores: Stores, { ready }: OpenChannels): Promise<Stages> => {
  const { dataDir, host, sqlPort, logLevel, logger, clock, opened, plan, onWait } = start;
  const { store, own, kafka, fused, secrets, engines, token } = stores;
  const { lookupKey } = secrets;
  const catalogue = openCatalogue();
  const identityRules = loadIdentityRules({ lookupKey });
  const identify = makeIdentify({ lookupKey, rules: identityRules });
  const readers = fused
    ? opened.add(
        'reads',
        await startProfilesThread(() => profilesWorker({ dataDir, port: own.mintPort(), lookupKey }), logger),
        (it) => it.stop(),
      )
    : null;
  const profiles = readers
    ? readNear(openToday({ documents: near(start), identify, clock }), readers.profiles)
    : openProfiles({ ...store, catalogue, identify, identityRules, lifecycleRules: loadLifecycleRules(), clock });

  const warehouse = opened.add(
    'warehouse',
    await startWarehouseSide(
      {
        dataDir,
        port: own.mintPort(),
        channels: [...ready],
        engines,
        logLevel,
        plan,
        lookupKey,
        host,
        sqlPort,
        token: { text: token, grant: { kind: 'role', role: 'admin' } },
      },
      logger,
      onWait,
    ),
    (it) => it.stop(),
  );
  const pipeline = opened.add(
    'pipeline',
    await startPipelineThread(
      { dataDir, port: own.mintPort(), ...secrets, channels: [...ready], engines, logLevel, plan },
      logger,
    ),
    (it) => it.stop(),
  );
  const relay =
    kafka && fused
      ? opened.add(
          'relay',
          keepRelay(own.log, kafka, () => outboxOf([...ready]), logger),
          (it) => it.stop(),
        )
      : null;
  return { catalogue, identify, profiles, readers, warehouse, pipeline, relay };
};
