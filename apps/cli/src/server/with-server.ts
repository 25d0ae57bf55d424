import { existsSync } from 'node:fs';
import { ExitCode } from '../exit-code.js';
import { Failure } from '../failure.js';
import { type Client, openClient } from '../http/client.js';
import { hint } from '../print/answer.js';
import { toldOfWaits } from '../print/engine-wait.js';
import { memoryOf, type Settings } from '../settings.js';
import { type Surroundings } from '../surroundings.js';
import { findServer } from './find-server.js';
import { readServerFile } from './server-file.js';
import { settle } from './settle.js';

export interface Work {
  /** What is done must have had its effect before the command ends. */
  readonly changes: boolean;
  /** May begin a data folder; otherwise one that is not there is a mistake in the path. */
  readonly begins?: boolean;
}

/** What a command works with: a client, and whether the server outlives the command. */
export interface Connected {
  readonly client: Client;
  readonly isOwn: boolean;
}

/**
 * Runs `work` against the platform that was named, else the server that holds the data folder; where none runs, against a
 * platform started in this process on a port of its own, which is stopped afterwards.
 */
export const withServer = async <T>(
  settings: Settings,
  surroundings: Surroundings,
  { changes, begins = false }: Work,
  work: (connected: Connected) => Promise<T>,
): Promise<T> => {
  const { dataDir, remote } = settings;
  const { interrupted: signal } = surroundings;
  if (remote) {
    const client = openClient({ ...remote, sqlUrl: remote.warehouse?.url ?? null, signal });
    return work({ client, isOwn: false }).finally(() => client.close());
  }
  const running = await findServer(dataDir);
  if (running) {
    // A server that is started again meanwhile, on the same port, is the same to a command that can be repeated.
    const newToken = (): string | undefined => {
      const now = readServerFile(dataDir);
      return now?.url === running.url ? now.token : undefined;
    };
    const client = openClient({ ...running, signal, newToken });
    return work({ client, isOwn: false }).finally(() => client.close());
  }
  if (!begins && !existsSync(dataDir))
    throw new Failure(
      ExitCode.notFound,
      `there is no data folder ${dataDir}`,
      'begin one with `tributary up` or `tributary import`, or name yours with --data',
    );
  const platform = await surroundings.startPlatform({
    dataDir,
    host: '127.0.0.1',
    port: 0,
    sqlPort: 0,
    ...memoryOf(settings),
    ...toldOfWaits(settings, surroundings),
    quiet: true,
    forOneCommand: true,
  });
  const client = openClient({ ...platform, signal });
  try {
    // What an earlier process acknowledged and did not come to is due before anything is asked.
    let isTold = false;
    await settle(client, {
      signal,
      onLag: (lag) => {
        if (lag > 0 && !isTold) hint('catching up with what was accepted before …', settings, surroundings);
        isTold ||= lag > 0;
      },
    });
    const result = await work({ client, isOwn: true });
    if (changes && !signal.aborted) await settle(client, { signal });
    return result;
  } finally {
    client.close();
    await platform.stop();
  }
};
