import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultChannelsDir } from '@tributary/intake';
import { pino } from 'pino';
import { AccessKeys } from '../access/access-keys.js';
import { Engines } from '../engines/engines.js';
import { Opened } from '../engines/opened.js';
import { type EngineSettings } from '../engines/settings.js';
import { channelNames } from '../platform/channel-names.js';
import { reachable } from '../platform/reachable.js';
import { sweepScratch } from '../platform/scratch.js';
import { systemClock } from '../platform/system-clock.js';
import { runApi } from './api-role.js';
import { runCollector } from './collector-role.js';
import { runLoader } from './loader-role.js';
import { runProcessor } from './processor-role.js';
import { runProjector } from './projector-role.js';
import { type Role, type RoleBase, type RoleRuns } from './role.js';
import { WaitingDoor } from './waiting-door.js';

export interface RoleOptions {
  readonly role: Role;
  readonly settings: EngineSettings;
  /** Of `access-keys.json`; nothing else is kept there. */
  readonly dataDir: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Aborted while it starts: it rejects with the reason instead of waiting for engines. */
  readonly signal?: AbortSignal;
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

export interface RunningRole {
  readonly url: string;
  /** Rejects when the role cannot go on; then stop it and end the process. */
  readonly done: Promise<void>;
  /** Takes nothing new, finishes what is in hand, closes the engines. */
  stop(): Promise<void>;
}

const starts: Readonly<Record<Role, (base: RoleBase) => Promise<RoleRuns>>> = {
  collector: runCollector,
  processor: runProcessor,
  projector: runProjector,
  loader: runLoader,
  api: runApi,
};

/** One role of the platform in this process. Whatever has been opened when a later step fails is closed again. */
export const startRole = async (options: RoleOptions): Promise<RunningRole> => {
  const { role, settings, dataDir, host, port, logLevel = 'info' } = options;
  const logger = pino({ level: logLevel, base: { role } }, pino.destination({ dest: 2, sync: true }));
  const clock = systemClock;
  const opened = new Opened(logger);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await sweepScratch(tmpdir(), false);
    const keys = await AccessKeys.open(join(dataDir, 'access-keys.json'), clock);
    const named = channelNames(defaultChannelsDir(), settings.channels);
    const waiting = opened.add('door of who waits', new WaitingDoor({ host, port }, keys), (it) => it.show(new Map()));
    const base: RoleBase = {
      role,
      bind: { host, port },
      settings,
      engines: new Engines(settings, opened, logger, `tributary-${role}`, options.signal, (it) => waiting.show(it)),
      opened,
      keys,
      named,
      channels: () => [...new Set([...named.all(), ...keys.channels()])].sort(),
      clock,
      logger,
    };
    const running = await starts[role](base);
    return {
      url: `http://${reachable(host)}:${running.port}`,
      done: Promise.race([running.done, base.engines.failed]),
      stop: () => opened.close(),
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
};
